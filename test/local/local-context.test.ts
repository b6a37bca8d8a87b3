import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readAssembly } from '../../local/aws/assembly.ts';
import { stackFrom } from '../../local/aws/stack.ts';
import { localContext } from '../../local/local-context.ts';
import { synthesize } from '../../local/synthesize.ts';
import { temporaryDirectory } from './tiny-stack.ts';

const options = { allowedOrigin: 'http://127.0.0.1:5173', signInUrl: undefined };
const apiEndpoint = 'http://127.0.0.1:3000';
const deployment = {
  appUrl: 'https://app.example.com/orders',
  alarmEmail: 'oncall@example.com',
  certificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/0f1e2d3c',
  cloudFront: {
    certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/4b5a6978',
    originDomainName: 'origin.clerk.example.com',
    originSecretName: 'actor-tokens-prod/origin',
    originSecretHashes: ['a'.repeat(64)],
  },
  cloudTrailLogGroup: 'aws-cloudtrail-logs',
  cookieDomain: 'example.com',
  domainName: 'clerk.example.com',
  hostedZoneId: 'Z0123456789ABCDEFGHIJ',
  hostedZoneName: 'example.com',
  instanceId: 'ins_0123456789abcdefghijABCDEFG',
  proxyUrl: 'https://app.example.com/__clerk',
  restoredTables: { Sessions: 'Sessions-g2' },
  signInUrl: 'https://app.example.com/sign-in',
  stackName: 'acme-auth',
};

test('a local run is of the stage dev and allows the origin of its app', () => {
  expect(localContext({ context: { other: 1 } }, options)).toEqual({
    other: 1,
    local: '1',
    stage: 'dev',
    validate: 'false',
    maxTicketLifeInSeconds: 2_592_000,
    maxSessionDurationInSeconds: 86_400,
    nativeClients: 'true',
    audit: 'on',
    healthCheck: 'false',
    allowedOrigins: [options.allowedOrigin],
  });
});

test('the sign-in page of a local run may call the API', () => {
  const signInUrl = 'http://127.0.0.1:8080/sign-in';

  expect(localContext({}, { ...options, signInUrl })).toMatchObject({
    signInUrl,
    allowedOrigins: ['http://127.0.0.1:5173', 'http://127.0.0.1:8080'],
  });
});

test('a link lands on the page of the app that a local run names, on its allowed origin', () => {
  const appUrl = 'http://127.0.0.1:5173/impersonate';

  expect(localContext({}, { ...options, appUrl })).toMatchObject({ appUrl, allowedOrigins: [options.allowedOrigin] });
});

test('the stack of a configuration file for production runs locally', { timeout: 60_000 }, async () => {
  const directory = await temporaryDirectory();
  const outdir = join(directory, 'cdk.out');
  const config = join(directory, 'actor-tokens.prod.json');
  await writeFile(config, JSON.stringify({ stage: 'prod', generation: 2, maxTicketLifeInSeconds: 600, ...deployment }));
  const context = { ...localContext({}, options), config };

  await synthesize({ app: 'cdk/app.ts', outdir, context });
  const assembly = await readAssembly(outdir);
  const { functions, tables } = stackFrom(assembly, apiEndpoint);

  expect(assembly.stackName).toBe('actor-tokens-dev');
  expect(tables.map(({ name }) => name.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual([
    'ActorTokensTable',
    'BlocklistTable',
    'ClientsTable',
    'SecretKeysTable',
    'SessionsTable',
    'UsersTable',
  ]);
  for (const { environment } of functions) {
    expect(environment).toMatchObject({
      MAX_TICKET_LIFE_IN_SECONDS: '2592000',
      MAX_SESSION_DURATION_IN_SECONDS: '86400',
    });
    expect(environment.FRONTEND_API_URL).toBe(apiEndpoint);
    expect(environment).not.toHaveProperty('APP_URL');
    expect(environment).not.toHaveProperty('COOKIE_DOMAIN');
    expect(environment).not.toHaveProperty('ORIGIN_SECRET_HASHES');
  }
});
