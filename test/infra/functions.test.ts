import { describe, expect, test } from 'vitest';
import { lambdaNames } from '../../cdk/bundle/bundle.ts';
import { environmentSchema } from '../../shared/base/instance.ts';
import { behindCloudFront } from './configured.ts';
import {
  environmentOf,
  nameOf,
  readable,
  resourceName,
  resourcesOf,
  synthesized,
  type Template,
} from './synthesized.ts';

const full = synthesized({
  ...behindCloudFront,
  allowedOrigins: ['https://app.example.com', 'https://admin.example.com'],
  signInUrl: 'https://app.example.com/sign-in',
  appUrl: 'https://app.example.com/orders',
  logoUrl: 'https://cdn.example.com/logo.svg',
  helpUrl: 'https://example.com/help',
  proxyUrl: 'https://app.example.com/__clerk',
  cookieDomain: 'example.com',
  handshake: false,
  nativeClients: true,
  maxTicketLifeInSeconds: 600,
  maxSessionDurationInSeconds: 1200,
  revokeConcurrency: 2,
  applicationName: 'Example',
  generation: 3,
  operators: { issuers: [{ issuer: 'https://corp.example.com', audience: 'api://actor-tokens' }] },
});
const plain = synthesized();
/** The functions that answer requests. */
const functionsOf = (template: Template) =>
  resourcesOf(template, 'AWS::Lambda::Function').filter(([id]) => !id.startsWith('HealthCheck'));

test('the functions are those that the routes name', () => {
  expect(functionsOf(plain).map(([id]) => nameOf(id))).toEqual(
    lambdaNames.map((lambda) => `${resourceName(lambda)}Function`),
  );
});

describe('the environment', () => {
  test.each(lambdaNames)('of %s has the whole configuration', (lambda) => {
    expect(environmentOf(full, lambda)).toEqual({
      INSTANCE_ID: expect.stringMatching(/^ins_[0-9A-Za-z]{27}$/),
      GENERATION: '3',
      FRONTEND_API_URL: 'https://app.example.com/__clerk',
      ALLOWED_ORIGINS: 'https://app.example.com,https://admin.example.com',
      SIGN_IN_URL: 'https://app.example.com/sign-in',
      APP_URL: 'https://app.example.com/orders',
      LOGO_URL: 'https://cdn.example.com/logo.svg',
      HELP_URL: 'https://example.com/help',
      SCRIPTS_URL: 'https://cdn.jsdelivr.net/npm',
      COOKIE_DOMAIN: 'example.com',
      HANDSHAKE: 'false',
      NATIVE_CLIENTS: 'true',
      ORIGIN_SECRET_HASHES: `${'a'.repeat(64)},${'b'.repeat(64)}`,
      APPLICATION_NAME: 'Example',
      AUDIT_RETENTION_DAYS: '400',
      MAX_TICKET_LIFE_IN_SECONDS: '600',
      MAX_SESSION_DURATION_IN_SECONDS: '1200',
      TICKET_KEY_IDS: 'TicketKey',
      SESSION_KEY_IDS: 'SessionKey',
      ACTOR_TOKENS_TABLE: 'ActorTokensTable',
      SESSIONS_TABLE: 'SessionsTable',
      CLIENTS_TABLE: 'ClientsTable',
      USERS_TABLE: 'UsersTable',
      SECRET_KEYS_TABLE: 'SecretKeysTable',
      BLOCKLIST_TABLE: 'BlocklistTable',
      AUTHORITY_FILE: 'authority.json',
    });
  });

  test('has the variables that functions read, no more and no less', () => {
    const variables = environmentOf(full, 'tickets');

    const ofSealer = ['AUDIT_BUCKET', 'AUDIT_KEY_IDS'];
    expect([...Object.keys(variables), ...ofSealer].sort()).toEqual(Object.keys(environmentSchema.entries).sort());
  });

  test('has no host of scripts if that is switched off', () => {
    expect(environmentOf(synthesized({ scriptsUrl: false }), 'fallback')).not.toHaveProperty('SCRIPTS_URL');
  });

  test('lacks what is not configured, and every variable of AWS, which Lambda or the local run sets', () => {
    const names = Object.keys(environmentOf(plain, 'tickets'));

    expect(names.filter((name) => /^(ALLOWED_|SIGN_|APP_URL|LOGO_|HELP_|COOKIE_|ORIGIN_|AWS_)/.test(name))).toEqual([]);
  });
});

test('the functions share the concurrency of the account, unless it is reserved for those that revoke', () => {
  const reserved = (template: Template) =>
    functionsOf(template)
      .filter(([, { Properties }]) => Properties.ReservedConcurrentExecutions === 2)
      .map(([id]) => nameOf(id));

  expect(reserved(full)).toEqual(['RevokeActorTokenFunction', 'RevokeSessionFunction']);
  expect(reserved(plain)).toEqual([]);
});

describe('the logs', () => {
  const logGroupsOf = (template: Template) =>
    resourcesOf(template, 'AWS::Logs::LogGroup').filter(([id]) => !id.startsWith('HealthCheck'));

  test('each function has a log group of its own, and so has the API', () => {
    for (const [id, { Properties }] of functionsOf(plain))
      expect(readable((Properties.LoggingConfig as { LogGroup: unknown }).LogGroup)).toBe(
        nameOf(id).replace(/Function$/, 'Logs'),
      );
    expect(logGroupsOf(plain)).toHaveLength(lambdaNames.length + 1);
  });

  test.each([
    ['dev', 7],
    ['prod', 400],
  ] as const)('are kept in %s for %i days, and the access log for 30', (stage, days) => {
    for (const [id, { Properties }] of logGroupsOf(synthesized({ stage })))
      expect(Properties.RetentionInDays).toBe(id.startsWith('AccessLogs') ? 30 : days);
  });

  test('of the API have a name below the path that API Gateway may write to', () => {
    const [[, group] = []] = logGroupsOf(plain).filter(([id]) => id.startsWith('AccessLogs'));

    expect(readable(group?.Properties.LogGroupName)).toMatch(
      /^\/aws\/vendedlogs\/actor-tokens-dev\/.*AWS::StackId.*\/access$/,
    );
  });
});
