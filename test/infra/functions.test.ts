import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { lambdaNames } from '../../cdk/bundle/bundle.ts';
import { nameOf, readable, resourceName, resourcesOf, synthesized } from './synthesized.ts';

const dev = synthesized({
  allowedOrigins: 'https://app.example.com,https://admin.example.com',
  signInUrl: 'https://app.example.com/sign-in',
  proxyUrl: 'https://app.example.com/__clerk',
  domainName: 'clerk.example.com',
  certificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/0f1e2d3c',
  cloudFront: {
    certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/4b5a6978',
    originDomainName: 'origin.clerk.example.com',
    originSecretName: 'actor-tokens-dev/origin',
    originSecretHashes: ['a'.repeat(64)],
  },
  cookieDomain: 'example.com',
  maxTicketLifeInSeconds: '600',
  maxSessionDurationInSeconds: '1200',
  revokeConcurrency: '2',
  applicationName: 'Example',
  generation: '3',
});
const prod = synthesized({ stage: 'prod' });
const functionsOf = (template: typeof dev) => resourcesOf(template, 'AWS::Lambda::Function');
const logGroupsOf = (template: typeof dev) => resourcesOf(template, 'AWS::Logs::LogGroup');

function environmentOf(template: typeof dev, name: string): Record<string, string> {
  const found = functionsOf(template).filter(([id]) => nameOf(id) === `${name}Function`);
  return Object.fromEntries(
    found
      .map(([, { Properties }]) => Properties.Environment as { Variables: Record<string, unknown> })
      .flatMap(({ Variables }) => Object.entries(Variables).map(([variable, value]) => [variable, readable(value)])),
  );
}

describe('the functions', () => {
  test('are those the routes name', () => {
    expect(functionsOf(dev).map(([id]) => nameOf(id))).toEqual(
      lambdaNames.map((lambda) => `${resourceName(lambda)}Function`),
    );
  });

  test.each(functionsOf(dev))('%s runs Node 24 on arm64, for at most 20 seconds, untraced', (_id, { Properties }) => {
    expect(Properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 512,
      Timeout: 20,
    });
    expect(Properties).not.toHaveProperty('TracingConfig');
  });

  test.each(lambdaNames)('%s is told the whole configuration', (lambda) => {
    expect(environmentOf(dev, resourceName(lambda))).toEqual({
      NODE_OPTIONS: '--enable-source-maps',
      INSTANCE_ID: expect.stringMatching(/^ins_[0-9A-Za-z]{27}$/),
      GENERATION: '3',
      FRONTEND_API_URL: 'https://app.example.com/__clerk',
      ALLOWED_ORIGINS: 'https://app.example.com,https://admin.example.com',
      SIGN_IN_URL: 'https://app.example.com/sign-in',
      COOKIE_DOMAIN: 'example.com',
      ORIGIN_SECRET_HASHES: 'a'.repeat(64),
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
    });
  });

  test('are told what shared/base/config.ts reads, no more and no less', () => {
    const source = readFileSync(new URL('../../shared/base/config.ts', import.meta.url), 'utf8');
    const read = [...source.matchAll(/\('([A-Z_]+)'\)|process\.env\.([A-Z_]+)/g)].map((found) => found[1] ?? found[2]);

    const { NODE_OPTIONS: _forNode, ...told } = environmentOf(dev, 'Tickets');

    expect(Object.keys(told).sort()).toEqual([...new Set(read)].sort());
  });

  test('are not told what is not configured', () => {
    const names = Object.keys(environmentOf(prod, 'Tickets'));

    expect(names).not.toContain('ALLOWED_ORIGINS');
    expect(names).not.toContain('SIGN_IN_URL');
    expect(names).not.toContain('COOKIE_DOMAIN');
    expect(names).not.toContain('ORIGIN_SECRET_HASHES');
  });

  test('share the concurrency of the account, unless the two that revoke are to have their own', () => {
    const reserved = (template: typeof dev) =>
      functionsOf(template)
        .filter(([, { Properties }]) => Properties.ReservedConcurrentExecutions === 2)
        .map(([id]) => nameOf(id));

    expect(reserved(dev)).toEqual(['RevokeActorTokenFunction', 'RevokeSessionFunction']);
    expect(reserved(prod)).toEqual([]);
  });

  test('are told of no endpoint and no Region: Lambda and the local run set those', () => {
    expect(Object.keys(environmentOf(prod, 'Tickets')).filter((name) => name.startsWith('AWS_'))).toEqual([]);
  });
});

describe('the logs', () => {
  test('of each function go to a log group of its own', () => {
    for (const [id, { Properties }] of functionsOf(dev))
      expect(readable((Properties.LoggingConfig as { LogGroup: unknown }).LogGroup)).toBe(
        nameOf(id).replace(/Function$/, 'Logs'),
      );
    expect(logGroupsOf(dev)).toHaveLength(lambdaNames.length + 1);
  });

  test('are kept for a week in dev and go with the stack', () => {
    for (const [, group] of logGroupsOf(dev)) {
      expect(group.Properties.RetentionInDays).toBe(7);
      expect(group.DeletionPolicy).toBe('Delete');
    }
  });

  test('are kept for 400 days in prod and outlive the stack', () => {
    for (const [, group] of logGroupsOf(prod)) {
      expect(group.Properties.RetentionInDays).toBe(400);
      expect(group.DeletionPolicy).toBe('Retain');
    }
  });
});
