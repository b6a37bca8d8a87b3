import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConfigError, derivedInstanceId, stackConfig } from '../../cdk/config.ts';
import { configNames } from '../../cdk/config-schema.ts';

const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';

/** The configuration that a context of CDK gives. */
function configFrom(context: Readonly<Record<string, unknown>>) {
  return stackConfig({ tryGetContext: (key) => context[key] });
}

test('nothing needs to be configured', () => {
  expect(configFrom({})).toEqual({
    stage: 'dev',
    stackName: 'actor-tokens-dev',
    instanceId: derivedInstanceId('actor-tokens-dev'),
    signInUrl: undefined,
    allowedOrigins: [],
    cookieDomain: undefined,
    applicationName: 'Actor Tokens',
    domainName: undefined,
    certificateArn: undefined,
    hostedZone: undefined,
    proxyUrl: undefined,
    cloudFront: undefined,
    alarmEmail: undefined,
    throttle: { requestsPerSecond: 80, burst: 40 },
    maxTicketLifeInSeconds: 2_592_000,
    maxSessionDurationInSeconds: 86_400,
    revokeConcurrency: undefined,
    auditRetentionDays: 400,
    signingKeys: { ticket: [1], session: [1] },
    generation: 1,
    restoredTables: {},
  });
});

test('all can be configured in cdk.json', () => {
  const chosen = {
    stage: 'prod',
    stackName: 'impersonation',
    instanceId: 'ins_0123456789abcdefghijABCDEFG',
    signInUrl: 'https://app.example.com/sign-in',
    allowedOrigins: ['https://app.example.com', 'http://localhost:3000'],
    cookieDomain: 'example.com',
    applicationName: 'Example',
    domainName: 'clerk.example.com',
    certificateArn: CERTIFICATE,
    proxyUrl: 'https://app.example.com/__clerk',
    cloudFront: {
      certificateArn: CERTIFICATE,
      originDomainName: 'origin.clerk.example.com',
      originSecretName: 'impersonation/origin',
      originSecretHashes: ['a'.repeat(64), 'b'.repeat(64)],
      requestsPerAddress: 500,
    },
    alarmEmail: 'oncall@example.com',
    maxTicketLifeInSeconds: 600,
    maxSessionDurationInSeconds: 1200,
    revokeConcurrency: 2,
    auditRetentionDays: 30,
    generation: 2,
    restoredTables: { Sessions: 'impersonation-Sessions-g2' },
  };
  const zone = { hostedZoneId: 'Z0123456789ABCDEFGHIJ', hostedZoneName: 'example.com' };
  const limits = { requestsPerSecond: 200, burst: 50, signaturesPerSecond: 2000 };

  expect(configFrom({ actorTokens: { ...chosen, ...zone, ...limits, ticketKeys: [2], sessionKeys: [3, 2] } })).toEqual({
    ...chosen,
    hostedZone: { id: 'Z0123456789ABCDEFGHIJ', name: 'example.com' },
    throttle: { requestsPerSecond: 200, burst: 50 },
    signingKeys: { ticket: [2], session: [3, 2] },
  });
});

test('docs/configuration.md has a row for each name, and for nothing else', () => {
  const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  const [ofTheStack = '', ofCloudFront = ''] = page.split(/^\| Of `cloudFront`.*$/m);
  const rest = ofCloudFront.slice(ofCloudFront.indexOf('\n\n'));
  const rows = [...`${ofTheStack}${rest}`.matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name);

  expect(rows.sort()).toEqual([...configNames].sort());
});

test('what the command line says goes before cdk.json, and may be text', () => {
  const config = configFrom({
    actorTokens: { stage: 'dev', generation: 2, applicationName: 'Example' },
    stage: 'prod',
    generation: '3',
    auditRetentionDays: '30',
    allowedOrigins: 'https://a.example, http://127.0.0.1:5173, https://a.example',
    sessionKeys: '2,1',
    requestsPerSecond: '20',
  });

  expect(config).toMatchObject({
    signingKeys: { session: [2, 1] },
    throttle: { requestsPerSecond: 20 },
    stage: 'prod',
    stackName: 'actor-tokens-prod',
    applicationName: 'Example',
    generation: 3,
    auditRetentionDays: 30,
    allowedOrigins: ['https://a.example', 'http://127.0.0.1:5173'],
  });
});

describe('a cookie domain that is not configured', () => {
  const domain = {
    certificateArn: CERTIFICATE,
    domainName: 'clerk.example.com',
    allowedOrigins: 'https://app.example.com',
  };

  test.each([
    ['is the domain above the host of the API', domain, 'example.com'],
    ['is none when no page of the app is below it', { ...domain, domainName: 'example.co.uk' }, undefined],
    ['is none above a host of two labels', { ...domain, domainName: 'example.com' }, undefined],
    ['is none on the origin of the app', { ...domain, proxyUrl: 'https://app.example.com/__clerk' }, undefined],
    ['is none on a host of API Gateway', {}, undefined],
  ])('%s', (_name, context, cookieDomain) => {
    expect(configFrom(context)).toMatchObject({ cookieDomain });
  });
});

describe('an instance id that is not configured', () => {
  test('has the form of one', () => {
    expect(derivedInstanceId('actor-tokens-dev')).toMatch(/^ins_[0-9A-Za-z]{27}$/);
  });

  test('stays the same from one release to the next', () => {
    expect(derivedInstanceId('actor-tokens-dev')).toBe('ins_9IdxnaEFO8s2sBTSX6bNSbpRTWK');
  });

  test('is another for another stack', () => {
    expect(derivedInstanceId('actor-tokens-prod')).not.toBe(derivedInstanceId('actor-tokens-dev'));
  });
});

describe('a wrong value is refused in one sentence', () => {
  const origin =
    'an exact https origin without path or wildcard, such as https://app.example.com (http for localhost only)';
  const signInUrl =
    "the https URL of your app's sign-in page, such as https://app.example.com/sign-in (http for localhost only)";
  const stackName = 'up to 32 letters, digits and hyphens, beginning with a letter, such as actor-tokens-dev';
  const instanceId = 'ins_ and 27 letters or digits, or leave it out to have it derived from the name of the stack';
  const cookieDomain = 'a domain in lower case without scheme, port or leading dot, such as example.com';
  const proxyUrl =
    "the https URL, in lower case and without port 443, user, query or trailing slash, where your app's reverse proxy leads to the API, such as https://app.example.com/__clerk";
  const certificateArn =
    "the ARN of an ACM certificate in the stack's Region, such as arn:aws:acm:us-east-1:123456789012:certificate/0f1e2d3c-…";
  const keyNumbers = 'up to 5 different numbers from 1, the one that signs first, such as [2, 1]';
  const cloudFront =
    'an object in cdk.json with certificateArn, originDomainName, originSecretName and originSecretHashes, and nothing else but requestsPerAddress';
  const edge = {
    certificateArn: CERTIFICATE,
    originDomainName: 'origin.clerk.example.com',
    originSecretName: 'impersonation/origin',
    originSecretHashes: ['a'.repeat(64)],
  };
  const applicationName = 'a name of 1 to 100 characters without spaces around it, such as Actor Tokens';

  test.each([
    [{ stage: 'test' }, 'stage is "test": write dev or prod.'],
    [{ stage: '' }, 'stage is "": write dev or prod.'],
    [{ stage: 'dev', stackName: 'actor_tokens' }, `stackName is "actor_tokens": write ${stackName}.`],
    [{ stage: 'dev', stackName: '1st' }, `stackName is "1st": write ${stackName}.`],
    [{ instanceId: 'ins_1' }, `instanceId is "ins_1": write ${instanceId}.`],
    [{ signInUrl: '/sign-in' }, `signInUrl is "/sign-in": write ${signInUrl}.`],
    [{ signInUrl: 'http://app.example.com' }, `signInUrl is "http://app.example.com": write ${signInUrl}.`],
    [{ signInUrl: 'javascript:alert(1)' }, `signInUrl is "javascript:alert(1)": write ${signInUrl}.`],
    [{ allowedOrigins: 'https://a.example/' }, `allowedOrigins is "https://a.example/": write ${origin}.`],
    [{ allowedOrigins: 'https://*.a.example' }, `allowedOrigins is "https://*.a.example": write ${origin}.`],
    [{ allowedOrigins: 'https://A.example' }, `allowedOrigins is "https://A.example": write ${origin}.`],
    [{ allowedOrigins: 'http://a.example' }, `allowedOrigins is "http://a.example": write ${origin}.`],
    [{ allowedOrigins: '*' }, `allowedOrigins is "*": write ${origin}.`],
    [{ allowedOrigins: 'null' }, `allowedOrigins is "null": write ${origin}.`],
    [{ allowedOrigins: '' }, `allowedOrigins is "": write ${origin}.`],
    [{ allowedOrigins: ['https://a.example', 7] }, `allowedOrigins is 7: write ${origin}.`],
    [{ allowedOrigins: 7 }, 'allowedOrigins is 7: write a list of origins, such as ["https://app.example.com"].'],
    [{ stage: 'dev', stackName: 'a'.repeat(33) }, `stackName is "${'a'.repeat(33)}": write ${stackName}.`],
    [{ cookieDomain: '.example.com' }, `cookieDomain is ".example.com": write ${cookieDomain}.`],
    [{ cookieDomain: 'https://example.com' }, `cookieDomain is "https://example.com": write ${cookieDomain}.`],
    [{ cookieDomain: 'localhost' }, `cookieDomain is "localhost": write ${cookieDomain}.`],
    [{ applicationName: '' }, `applicationName is "": write ${applicationName}.`],
    [{ applicationName: ' Example' }, `applicationName is " Example": write ${applicationName}.`],
    [{ generation: '0' }, 'generation is 0: write a whole number from 1, such as 2.'],
    [{ generation: 'two' }, 'generation is "two": write a whole number from 1, such as 2.'],
    [{ generation: 1.5 }, 'generation is 1.5: write a whole number from 1, such as 2.'],
    [{ generation: -1 }, 'generation is -1: write a whole number from 1, such as 2.'],
    [{ generation: null }, 'generation is null: write a whole number from 1, such as 2.'],
    [
      { auditRetentionDays: '1e3' },
      'auditRetentionDays is "1e3": write a number of days from 1 to 36500, such as 400.',
    ],
    [
      { auditRetentionDays: 36_501 },
      'auditRetentionDays is 36501: write a number of days from 1 to 36500, such as 400.',
    ],
    [{ actorTokens: 'dev' }, 'actorTokens in cdk.json is not an object: write one, such as {"stage": "dev"}.'],
    [
      { actorTokens: { stge: 'prod' } },
      'actorTokens in cdk.json has the unknown member "stge": write one of stage, stackName, instanceId, signInUrl, ' +
        'allowedOrigins, cookieDomain, applicationName, domainName, certificateArn, hostedZoneId, hostedZoneName, ' +
        'proxyUrl, cloudFront, alarmEmail, requestsPerSecond, burst, signaturesPerSecond, maxTicketLifeInSeconds, ' +
        'maxSessionDurationInSeconds, revokeConcurrency, auditRetentionDays, ticketKeys, sessionKeys, generation, restoredTables.',
    ],
    [{ proxyUrl: 'https://app.example.com/' }, `proxyUrl is "https://app.example.com/": write ${proxyUrl}.`],
    [
      { proxyUrl: 'http://app.example.com/__clerk' },
      `proxyUrl is "http://app.example.com/__clerk": write ${proxyUrl}.`,
    ],
    ...[
      'https://App.example.com/__clerk',
      'https://app.example.com:443/__clerk',
      'https://user:pw@app.example.com/__clerk',
      'https://app.example.com/a/../b',
      ' https://app.example.com/__clerk',
      'https://app.example.com/a;Domain=x',
      'https://app.example.com//__clerk',
      `https://app.example.com/${'a'.repeat(500)}`,
    ].map((url): [Record<string, unknown>, string] => [
      { proxyUrl: url },
      `proxyUrl is ${JSON.stringify(url)}: write ${proxyUrl}.`,
    ]),
    [{ proxyUrl: 'https://a.example?x=1' }, `proxyUrl is "https://a.example?x=1": write ${proxyUrl}.`],
    [{ certificateArn: 'my-certificate' }, `certificateArn is "my-certificate": write ${certificateArn}.`],
    [{ alarmEmail: 'oncall' }, 'alarmEmail is "oncall": write an e-mail address, such as oncall@example.com.'],
    [{ requestsPerSecond: 0 }, 'requestsPerSecond is 0: write a whole number from 1 to 10000, such as 80.'],
    [{ burst: '6000' }, 'burst is 6000: write a whole number from 1 to 5000, such as 40.'],
    [
      { maxTicketLifeInSeconds: 2_592_001 },
      'maxTicketLifeInSeconds is 2592001: write a number of seconds from 1 to 2592000, such as 3600.',
    ],
    [
      { maxSessionDurationInSeconds: 0 },
      'maxSessionDurationInSeconds is 0: write a number of seconds from 1 to 86400, such as 1800.',
    ],
    [
      { revokeConcurrency: 0 },
      'revokeConcurrency is 0: write a number of execution environments from 1 to 100, such as 2.',
    ],
    [{ sessionKeys: '' }, `sessionKeys is "": write ${keyNumbers}.`],
    [{ sessionKeys: [] }, `sessionKeys is []: write ${keyNumbers}.`],
    [{ ticketKeys: '1,1' }, `ticketKeys is [1,1]: write ${keyNumbers}.`],
    [{ ticketKeys: [1, 2, 3, 4, 5, 6] }, `ticketKeys is [1,2,3,4,5,6]: write ${keyNumbers}.`],
    [
      { generation: 2, restoredTables: { Session: 'restored' } },
      'restoredTables has the unknown member "Session": write an object with members of ActorTokens, Sessions, Clients, Users, SecretKeys.',
    ],
    [{ cloudFront: true }, `cloudFront is true: write ${cloudFront}.`],
    [
      { cloudFront: { ...edge, certificateArn: CERTIFICATE.replace('us-east-1', 'eu-west-1') } },
      'cloudFront.certificateArn is "arn:aws:acm:eu-west-1:123456789012:certificate/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0": ' +
        'write the ARN of an ACM certificate in us-east-1, where CloudFront looks for it, such as ' +
        'arn:aws:acm:us-east-1:123456789012:certificate/0f1e2d3c-….',
    ],
    [
      { cloudFront: { ...edge, originSecretHashes: ['secret'] } },
      'cloudFront.originSecretHashes is "secret": write the SHA-256 of the secret in 64 hex digits, or two of them while it is replaced.',
    ],
  ])('%o', (context, sentence) => {
    expect(() => configFrom(context)).toThrow(new ConfigError(sentence));
  });

  test('what does not fit into the environment of a function is refused', () => {
    const allowedOrigins = Array.from({ length: 80 }, (_, index) => `https://app-${index}.example.com`);

    expect(() => configFrom({ allowedOrigins })).toThrow('write origins of 2048 characters together');
    expect(() => configFrom({ signInUrl: `https://app.example.com/${'a'.repeat(500)}` })).toThrow(
      'write the https URL',
    );
  });

  test('in cdk.json as on the command line', () => {
    expect(() => configFrom({ actorTokens: { stage: 'test' } })).toThrow(
      new ConfigError('stage is "test": write dev or prod.'),
    );
  });
});

describe('what contradicts itself is refused in one sentence', () => {
  const domain = { domainName: 'clerk.example.com', certificateArn: CERTIFICATE };
  const cloudFront = {
    certificateArn: CERTIFICATE,
    originDomainName: 'origin.clerk.example.com',
    originSecretName: 'impersonation/origin',
    originSecretHashes: ['a'.repeat(64)],
  };

  test.each([
    [
      { certificateArn: CERTIFICATE },
      'certificateArn needs a domainName: write the host of the API, such as clerk.example.com.',
    ],
    [{ cloudFront }, 'cloudFront needs a domainName: write the host of the API, such as clerk.example.com.'],
    [{ ...domain, hostedZoneId: 'Z1' }, 'hostedZoneId and hostedZoneName belong together: write both or neither.'],
    [
      { domainName: 'clerk.example.com' },
      'clerk.example.com has no certificate: write a certificateArn, or hostedZoneId and hostedZoneName to have one made.',
    ],
    [
      { ...domain, hostedZoneId: 'Z1', hostedZoneName: 'example.org' },
      'hostedZoneName is "example.org": write the zone of clerk.example.com.',
    ],
    [
      { ...domain, cloudFront: { ...cloudFront, originDomainName: 'clerk.example.com' } },
      'cloudFront.originDomainName is "clerk.example.com", as domainName: write another host, such as origin.clerk.example.com.',
    ],
    [
      { cookieDomain: 'example.com' },
      'cookieDomain is "example.com", which is not above the host of domainName or proxyUrl: browsers would drop the ' +
        'cookies, so write such a host, such as clerk.example.com, or leave cookieDomain out.',
    ],
    [
      { ...domain, cookieDomain: 'ample.com' },
      'cookieDomain is "ample.com", which is not above the host of domainName or proxyUrl: browsers would drop the ' +
        'cookies, so write such a host, such as clerk.ample.com, or leave cookieDomain out.',
    ],
    [
      { ...domain, signInUrl: 'https://app.example.com/sign-in', allowedOrigins: 'https://other.example.com' },
      'signInUrl is "https://app.example.com/sign-in", and allowedOrigins lacks its origin: add it, or what the page asks ' +
        'of the API is refused.',
    ],
    [
      { generation: 2, restoredTables: { Sessions: 'actor-tokens-prod-Sessions-g2' } },
      'restoredTables names a table that does not begin with actor-tokens-dev-, as those restored for this stack do: on ' +
        'the tables of another stack it would take its secret keys and sessions for its own.',
    ],
    [
      { requestsPerSecond: 100 },
      'requestsPerSecond and burst are 140 together: write at most 125, since 8 times that can be asked of the 1000 KMS ' +
        'signatures a second of your account, or raise signaturesPerSecond with your quota.',
    ],
  ])('%o', (context, sentence) => {
    expect(() => configFrom({ actorTokens: context })).toThrow(new ConfigError(sentence));
  });
});

describe('one cdk.json does not make one stage take the place of another', () => {
  const ofProd = (more: object) => ({ actorTokens: { stage: 'prod', ...more } });

  test.each([
    ['the name of its stack', { stackName: 'acme-auth' }, 'stackName'],
    ['its instance', { instanceId: 'ins_0123456789abcdefghijABCDEFG' }, 'instanceId'],
    [
      'its restored tables',
      { generation: 2, restoredTables: { Sessions: 'actor-tokens-prod-Sessions-g2' } },
      'restoredTables',
    ],
  ])('%s', (_, more, name) => {
    expect(configFrom(ofProd(more))).toMatchObject({ stage: 'prod' });
    expect(() => configFrom({ ...ofProd(more), stage: 'dev' })).toThrow(
      new ConfigError(
        `${name} in cdk.json is that of the stage prod: with the stage dev it would be used by another stack, so take it ` +
          `out of cdk.json and give it with -c ${name}=…, or use a cdk.json of its own for each stage.`,
      ),
    );
  });

  test('which may be given for the other stage', () => {
    const context = { ...ofProd({ stackName: 'acme-auth' }), stage: 'dev', stackName: 'acme-auth-dev' };

    expect(configFrom(context)).toMatchObject({ stage: 'dev', stackName: 'acme-auth-dev' });
  });

  test('and a stack is not named without its stage: deployed over prod, dev would take its protection away', () => {
    expect(() => configFrom({ stackName: 'acme-auth' })).toThrow(
      new ConfigError('stackName is given without a stage: add -c stage=dev or -c stage=prod, the one of that stack.'),
    );
  });
});

test.each([
  [{ Sessions: 'Sessions-restored' }, 2],
  [{ Sessions: 'actor-tokens-dev-Sessions-g3' }, 2],
  [{ Sessions: 'actor-tokens-dev-Sessions-g2', Clients: 'actor-tokens-dev-Clients-g3' }, 2],
  [{ Sessions: 'actor-tokens-dev-Sessions-g1' }, 1],
])('a restored table needs the generation that its name ends with: %o under %i', (restoredTables, generation) => {
  expect(() => configFrom({ restoredTables, generation })).toThrow(
    new ConfigError(
      'restoredTables names a table that does not end with the generation it was restored for, such as -g2, or with one ' +
        `above generation, which is ${generation}: name it so when you restore it and raise generation to it, or what it ` +
        'holds of tickets, sessions and secret keys would live again.',
    ),
  );
});

test('tables restored for an earlier generation stay in use under a later one', () => {
  const restoredTables = { Sessions: 'actor-tokens-dev-Sessions-g2', Clients: 'actor-tokens-dev-Clients-g10' };

  expect(configFrom({ restoredTables, generation: 10 })).toMatchObject({ restoredTables });
});
