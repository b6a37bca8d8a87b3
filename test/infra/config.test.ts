import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../cdk/config/config.ts';
import { ConfigError } from '../../cdk/config/error.ts';
import type { ConfigInput } from '../../cdk/config/schema.ts';
import { configNames, issuer, nestedNames } from '../../cdk/config/schema.ts';
import { derivedId } from '../../shared/base/ids.ts';

const STREAM = 'arn:aws:dynamodb:eu-west-1:123456789012:table/impersonation-Sessions-g2/stream/2026-11-27T00:00:00.000';
const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0';

test('a configuration may be empty', () => {
  expect(parseConfig({})).toEqual({
    stage: 'dev',
    protected: false,
    stackName: 'actor-tokens-dev',
    instanceId: derivedId('ins', 'actor-tokens-dev'),
    scriptsUrl: 'https://cdn.jsdelivr.net/npm',
    allowedOrigins: [],
    healthCheck: true,
    handshake: true,
    nativeClients: false,
    applicationName: 'Actor Tokens',
    requestsPerSecond: 80,
    burst: 30,
    signaturesPerSecond: 1000,
    maxTicketLifeInSeconds: 86_400,
    maxSessionDurationInSeconds: 3600,
    auditRetentionDays: 400,
    ticketKeys: [1],
    sessionKeys: [1],
    generation: 1,
    restoredTables: {},
    profile: 'clerk',
    audit: 'off',
    auditLock: 'governance',
    auditKeys: [1],
    restoredStreams: {},
  });
});

test('every name can be configured', () => {
  const everything = {
    stage: 'prod',
    protected: true,
    stackName: 'impersonation',
    instanceId: 'ins_0123456789abcdefghijABCDEFG',
    signInUrl: 'https://app.example.com/sign-in',
    appUrl: 'https://app.example.com/orders',
    logoUrl: 'https://cdn.example.com/logo.svg',
    helpUrl: 'mailto:support@example.com',
    scriptsUrl: false,
    allowedOrigins: ['https://app.example.com', 'http://localhost:3000'],
    cookieDomain: 'example.com',
    handshake: false,
    nativeClients: true,
    applicationName: 'Example',
    domainName: 'clerk.example.com',
    certificateArn: CERTIFICATE,
    hostedZoneId: 'Z0123456789ABCDEFGHIJ',
    hostedZoneName: 'example.com',
    proxyUrl: 'https://app.example.com/__clerk',
    cloudFront: {
      certificateArn: CERTIFICATE,
      originDomainName: 'origin.clerk.example.com',
      originSecretName: 'impersonation/origin',
      originSecretHashes: ['a'.repeat(64), 'b'.repeat(64)],
      requestsPerAddress: 500,
    },
    alarmEmail: 'oncall@example.com',
    healthCheck: false,
    cloudTrailLogGroup: 'aws-cloudtrail-logs',
    operators: {
      required: true,
      issuers: [
        {
          issuer: 'https://corp.example.com',
          audience: 'api://actor-tokens',
          jwksUri: 'https://corp.example.com/keys',
          subject: 'email',
          claims: ['groups'],
        },
      ],
    },
    profile: 'hardened',
    policy: 'policies/hardened.json',
    requestsPerSecond: 200,
    burst: 50,
    signaturesPerSecond: 2500,
    maxTicketLifeInSeconds: 600,
    maxSessionDurationInSeconds: 1200,
    revokeConcurrency: 2,
    auditRetentionDays: 30,
    ticketKeys: [2],
    sessionKeys: [3, 2],
    generation: 2,
    restoredTables: { Sessions: 'impersonation-Sessions-g2' },
    audit: 'on',
    auditLock: 'compliance',
    auditBucket: 'corp-log-archive',
    auditKeys: [2, 1],
    restoredStreams: { Sessions: STREAM },
  } satisfies ConfigInput;

  expect(Object.keys(everything).sort()).toEqual([...configNames].sort());
  expect(parseConfig(everything)).toEqual(everything);
});

test('a checked configuration is one that the construct accepts', () => {
  const config = parseConfig({ domainName: 'clerk.example.com', certificateArn: CERTIFICATE });

  expect(parseConfig(config)).toEqual(config);
});

test.each([
  ['dev', false],
  ['prod', true],
  ['staging', true],
])('by default %s is protected from deletion: %s', (stage, isProtected) => {
  expect(parseConfig({ stage }).protected).toBe(isProtected);
  expect(parseConfig({ stage, protected: !isProtected }).protected).toBe(!isProtected);
});

test('the longest name of a stage fits into the name of its stack', () => {
  const stage = 'a'.repeat(19);

  expect(parseConfig({ stackName: parseConfig({ stage }).stackName }).stackName).toBe(`actor-tokens-${stage}`);
});

test('an origin that is configured twice counts once', () => {
  const allowedOrigins = ['https://a.example', 'http://127.0.0.1:5173', 'https://a.example'];

  expect(parseConfig({ allowedOrigins }).allowedOrigins).toEqual(['https://a.example', 'http://127.0.0.1:5173']);
});

test('docs/configuration.md has a row for each name, and for nothing else', () => {
  const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  const rowsOf = (text: string) => [...text.matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name).sort();
  const ofObjects = /^\| Of (?<what>[^|]*?) *\|.*\n(?:\|.*\n)*/gm;
  const nested = [...page.matchAll(ofObjects)].map(([text, what]) => [what, rowsOf(text)]);

  expect(rowsOf(page.replaceAll(ofObjects, ''))).toEqual([...configNames].sort());
  expect(Object.fromEntries(nested)).toEqual({
    '`cloudFront`': [...(nestedNames.cloudFront ?? [])].sort(),
    '`restoredStreams`': [...(nestedNames.restoredStreams ?? [])].sort(),
    '`operators`': [...(nestedNames.operators ?? [])].sort(),
    'an issuer': Object.keys(issuer.entries).sort(),
  });
});

test('docs/configuration.md states each default that is a number', () => {
  const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  const documented = Object.fromEntries(
    [...page.matchAll(/^\| `(\w+)` +\| (\d+) +\|/gm)].map(([, name = '', value]) => [name, Number(value)]),
  );
  const defaults = Object.entries(parseConfig({})).filter(([, value]) => typeof value === 'number');

  expect(documented).toMatchObject(Object.fromEntries(defaults));
});

test('a deployment that configures no maxima has tickets of a day and sessions of an hour at most', () => {
  const { maxTicketLifeInSeconds, maxSessionDurationInSeconds } = parseConfig({});

  expect({ maxTicketLifeInSeconds, maxSessionDurationInSeconds }).toEqual({
    maxTicketLifeInSeconds: 86_400,
    maxSessionDurationInSeconds: 3600,
  });
  const longest = { maxTicketLifeInSeconds: 2_592_000, maxSessionDurationInSeconds: 86_400 };
  expect(parseConfig(longest)).toMatchObject(longest);
});

describe('the default cookie domain', () => {
  const domain = {
    certificateArn: CERTIFICATE,
    domainName: 'clerk.example.com',
    allowedOrigins: ['https://app.example.com'],
  };

  test.each([
    ['is the domain above the host of the API', domain, 'example.com'],
    ['is absent when no page of the app is below it', { ...domain, domainName: 'example.co.uk' }, undefined],
    ['is absent above a host of two labels', { ...domain, domainName: 'example.com' }, undefined],
    ['is absent on the origin of the app', { ...domain, proxyUrl: 'https://app.example.com/__clerk' }, undefined],
    ['is absent on a host of API Gateway', {}, undefined],
  ])('%s', (_name, context, cookieDomain) => {
    expect(parseConfig(context).cookieDomain).toBe(cookieDomain);
  });
});

describe('the default instance id', () => {
  test('has the form of an instance id', () => {
    expect(derivedId('ins', 'actor-tokens-dev')).toMatch(/^ins_[0-9A-Za-z]{27}$/);
  });

  test('is the same in every release', () => {
    expect(derivedId('ins', 'actor-tokens-dev')).toBe('ins_9IdxnaEFO8s2sBTSX6bNSbpRTWK');
  });

  test('differs for another stack', () => {
    expect(derivedId('ins', 'actor-tokens-prod')).not.toBe(derivedId('ins', 'actor-tokens-dev'));
  });
});

const edge = {
  certificateArn: CERTIFICATE,
  originDomainName: 'origin.clerk.example.com',
  originSecretName: 'impersonation/origin',
  originSecretHashes: ['a'.repeat(64)],
};

/** Each name with the text after "write", and values that are refused with it. */
const wrong: readonly (readonly [name: string, expected: string, values: readonly unknown[]])[] = [
  [
    'stage',
    'up to 19 lower-case letters, digits and hyphens, beginning with a letter, such as dev, staging or prod',
    ['Prod', '1st', 'eu_west', '', 1, 'a'.repeat(20)],
  ],
  ['protected', 'true or false', ['yes', 1]],
  [
    'stackName',
    'up to 32 letters, digits and hyphens, beginning with a letter, such as actor-tokens-dev',
    ['actor_tokens', '1st', 'a'.repeat(33)],
  ],
  [
    'instanceId',
    'ins_ and 27 letters or digits, or leave it out to have it derived from the name of the stack',
    ['ins_1'],
  ],
  [
    'signInUrl',
    "the https URL of your app's sign-in page, such as https://app.example.com/sign-in (http for localhost only)",
    ['/sign-in', 'http://app.example.com', 'javascript:alert(1)', `https://app.example.com/${'a'.repeat(500)}`],
  ],
  [
    'appUrl',
    'the https URL of a page of your app, such as https://app.example.com (http for localhost only)',
    ['/orders', 'http://app.example.com', 'javascript:alert(1)', `https://app.example.com/${'a'.repeat(500)}`],
  ],
  [
    'logoUrl',
    'the https URL of an image, such as https://app.example.com/logo.svg (http for localhost only)',
    ['logo.svg', 'http://cdn.example.com/logo.svg', 'data:image/png,x', `https://cdn.example.com/${'a'.repeat(500)}`],
  ],
  [
    'helpUrl',
    'the https URL of a page, or mailto: and an e-mail address, where people get help, such as mailto:support@example.com',
    [
      'support@example.com',
      'mailto:',
      'mailto:support',
      'mailto:a@example.com?bcc=b@example.com',
      'http://example.com',
      'tel:1',
    ],
  ],
  [
    'scriptsUrl',
    'false, or the https URL, in lower case and without query or trailing slash, below which browsers find the scripts of Clerk, such as https://cdn.jsdelivr.net/npm',
    [true, '', 'http://cdn.example.com/npm', 'https://cdn.example.com/npm/', 'https://cdn.example.com/npm?x=1'],
  ],
  ['allowedOrigins', 'a list of origins, such as ["https://app.example.com"]', [7, 'https://app.example.com']],
  [
    'cookieDomain',
    'a domain in lower case without scheme, port or leading dot, such as example.com',
    ['.example.com', 'https://example.com', 'localhost'],
  ],
  ['handshake', 'true or false', ['off', 0]],
  ['healthCheck', 'true or false', ['off', 0]],
  ['nativeClients', 'true or false', ['on', 1]],
  ['applicationName', 'a name of 1 to 100 characters without spaces around it, such as Actor Tokens', ['', ' Example']],
  [
    'proxyUrl',
    'the https URL, in lower case and without port 443, user, query or trailing slash, at which the reverse proxy of your app forwards to the API, such as https://app.example.com/__clerk',
    [
      'https://app.example.com/',
      'http://app.example.com/__clerk',
      'https://App.example.com/__clerk',
      'https://app.example.com:443/__clerk',
      'https://user:pw@app.example.com/__clerk',
      'https://app.example.com/a/../b',
      ' https://app.example.com/__clerk',
      'https://app.example.com/a;Domain=x',
      'https://app.example.com//__clerk',
      `https://app.example.com/${'a'.repeat(500)}`,
      'https://a.example?x=1',
    ],
  ],
  [
    'certificateArn',
    "the ARN of an ACM certificate in the stack's Region, such as arn:aws:acm:us-east-1:123456789012:certificate/0f1e2d3c-…",
    ['my-certificate'],
  ],
  [
    'cloudTrailLogGroup',
    'the name of the CloudWatch log group of your CloudTrail trail, such as aws-cloudtrail-logs',
    ['arn:aws:logs:eu-west-1:123456789012:log-group:x', '', 'a b'],
  ],
  ['alarmEmail', 'an e-mail address, such as oncall@example.com', ['oncall']],
  ['requestsPerSecond', 'a whole number from 1 to 10000, such as 80', [0, 10_001, '80']],
  ['burst', 'a whole number from 1 to 5000, such as 30', [6000]],
  ['maxTicketLifeInSeconds', 'a number of seconds from 1 to 2592000, such as 3600', [2_592_001]],
  ['maxSessionDurationInSeconds', 'a number of seconds from 1 to 86400, such as 1800', [0]],
  ['revokeConcurrency', 'a number of execution environments from 1 to 100, such as 2', [0]],
  ['auditRetentionDays', 'a number of days from 1 to 36500, such as 400', ['1e3', 36_501]],
  ['generation', 'a whole number from 1, such as 2', [0, 'two', 1.5, -1, null]],
  [
    'ticketKeys',
    'up to 5 different numbers from 1, beginning with the one that signs, such as [2, 1]',
    ['', [], [1, 1], [1, 2, 3, 4, 5, 6]],
  ],
  [
    'cloudFront',
    'an object in the configuration file, with certificateArn, originDomainName, originSecretName, originSecretHashes and, if you like, requestsPerAddress',
    [true],
  ],
  [
    'restoredTables',
    'an object with the names of restored tables, such as {"Sessions": "actor-tokens-prod-Sessions-g2"}',
    ['Sessions'],
  ],
];

const wrongValues = wrong.flatMap(([name, expected, values]) =>
  values.map((value) => [name, value, expected] as const),
);

test.each(wrongValues)('a wrong value is refused in one sentence: %s %j', (name, value, expected) => {
  expect(() => parseConfig({ [name]: value })).toThrow(
    new ConfigError(`${name} is ${JSON.stringify(value)}: write ${expected}.`),
  );
});

test.each([
  ['https://a.example/'],
  ['https://*.a.example'],
  ['https://A.example'],
  ['http://a.example'],
  ['*'],
  ['null'],
  [''],
  ['chrome-extension://abcdefghijklmnopabcdefghijklmnop'],
  ['capacitor://localhost'],
])('an origin is exactly what a browser sends: %j is refused', (origin) => {
  expect(() => parseConfig({ allowedOrigins: ['https://app.example.com', origin] })).toThrow(
    new ConfigError(
      `allowedOrigins is ${JSON.stringify(origin)}: write an exact https origin without path or wildcard, such as ` +
        'https://app.example.com (http for localhost only).',
    ),
  );
});

test('origins that do not fit into the environment of a function are refused', () => {
  const allowedOrigins = Array.from({ length: 80 }, (_, index) => `https://app-${index}.example.com`);

  expect(() => parseConfig({ allowedOrigins })).toThrow('write origins of at most 2048 characters together');
});

test.each([
  [
    { ...edge, certificateArn: CERTIFICATE.replace('us-east-1', 'eu-west-1') },
    /^cloudFront\.certificateArn is ".*": write the ARN of an ACM certificate in us-east-1, /,
  ],
  [{ ...edge, originSecretHashes: ['secret'] }, /^cloudFront\.originSecretHashes is "secret": write the SHA-256 /],
  [{ ...edge, originSecretName: undefined }, /^cloudFront\.originSecretName is missing: write /],
  [{ ...edge, requestsPerAddress: 9 }, /^cloudFront\.requestsPerAddress is 9: write /],
])('a wrong value within cloudFront is refused with its whole name: %#', (cloudFront, sentence) => {
  expect(() => parseConfig({ cloudFront })).toThrow(sentence);
});

describe('values that contradict each other are refused in one sentence', () => {
  const domain = { domainName: 'clerk.example.com', certificateArn: CERTIFICATE };

  test.each<[ConfigInput, string]>([
    [
      { certificateArn: CERTIFICATE },
      'certificateArn needs a domainName: write the host of the API, such as clerk.example.com.',
    ],
    [{ cloudFront: edge }, 'cloudFront needs a domainName: write the host of the API, such as clerk.example.com.'],
    [{ ...domain, hostedZoneId: 'Z1' }, 'hostedZoneId and hostedZoneName belong together: write both or neither.'],
    [
      { domainName: 'clerk.example.com' },
      'clerk.example.com has no certificate: write a certificateArn, or hostedZoneId and hostedZoneName to have one created.',
    ],
    [
      { ...domain, hostedZoneId: 'Z1', hostedZoneName: 'example.org' },
      'hostedZoneName is "example.org": write the zone of clerk.example.com.',
    ],
    [
      { ...domain, cloudFront: { ...edge, originDomainName: 'clerk.example.com' } },
      'cloudFront.originDomainName is "clerk.example.com", the same as domainName: write another host, such as ' +
        'origin.clerk.example.com.',
    ],
    [
      { cookieDomain: 'example.com' },
      'cookieDomain is "example.com", which is not above the host of domainName or proxyUrl, so browsers drop the cookies: ' +
        'write such a host, such as clerk.example.com, or leave cookieDomain out.',
    ],
    [
      { ...domain, cookieDomain: 'ample.com' },
      'cookieDomain is "ample.com", which is not above the host of domainName or proxyUrl, so browsers drop the cookies: ' +
        'write such a host, such as clerk.ample.com, or leave cookieDomain out.',
    ],
    [
      { ...domain, signInUrl: 'https://app.example.com/sign-in', allowedOrigins: ['https://other.example.com'] },
      'signInUrl is "https://app.example.com/sign-in", and allowedOrigins lacks its origin: add it, because the API refuses ' +
        'requests from the pages of any other origin.',
    ],
    [
      { ...domain, appUrl: 'https://app.example.com/orders', allowedOrigins: ['https://other.example.com'] },
      'appUrl is "https://app.example.com/orders", and allowedOrigins lacks its origin: add it, because the API refuses ' +
        'requests from the pages of any other origin.',
    ],
    [
      { generation: 2, restoredTables: { Sessions: 'actor-tokens-prod-Sessions-g2' } },
      'restoredTables.Sessions is actor-tokens-prod-Sessions-g2, which does not begin with actor-tokens-dev-Sessions-, as the table ' +
        'restored for this stack does: with the table of another stack it accepts the secret keys and sessions of that stack.',
    ],
    [
      { stage: 'prod', generation: 2, restoredTables: { Sessions: 'actor-tokens-prod-eu-Sessions-g2' } },
      'restoredTables.Sessions is actor-tokens-prod-eu-Sessions-g2, which does not begin with actor-tokens-prod-Sessions-, as the ' +
        'table restored for this stack does: with the table of another stack it accepts the secret keys and sessions of that stack.',
    ],
    [
      { requestsPerSecond: 100 },
      'requestsPerSecond and burst are 130 together: write at most 111, because a flood of all routes needs 9 times as many ' +
        'of the 1000 KMS signatures a second of your account, or raise signaturesPerSecond together with your quota.',
    ],
  ])('%o', (props, sentence) => {
    expect(() => parseConfig(props)).toThrow(new ConfigError(sentence));
  });

  test.each([
    [{ Sessions: 'Sessions-restored' }, 2],
    [{ Sessions: 'actor-tokens-dev-Sessions-g3' }, 2],
    [{ Sessions: 'actor-tokens-dev-Sessions-g2', Clients: 'actor-tokens-dev-Clients-g3' }, 2],
    [{ Sessions: 'actor-tokens-dev-Sessions-g1' }, 1],
  ])('a restored table needs the generation that its name ends with: %o under %i', (restoredTables, generation) => {
    expect(() => parseConfig({ restoredTables, generation })).toThrow(
      new ConfigError(
        'restoredTables names a table that does not end with the generation it was restored for, such as -g2, or ends with ' +
          `one above generation, which is ${generation}: restore it under such a name and raise generation to it, because ` +
          'otherwise the tickets, sessions and secret keys in it are valid again.',
      ),
    );
  });

  test('tables restored for an earlier generation stay in use under a later one', () => {
    const restoredTables = { Sessions: 'actor-tokens-dev-Sessions-g2', Clients: 'actor-tokens-dev-Clients-g10' };

    expect(parseConfig({ restoredTables, generation: 10 })).toMatchObject({ restoredTables });
  });
});
