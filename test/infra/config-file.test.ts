// One file and `-c name=value` become the configuration of a deployment.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readConfigFile } from '../../cdk/config/config-file.ts';
import { deploymentConfig } from '../../cdk/config/deployment.ts';
import { ConfigError } from '../../cdk/config/error.ts';

const directory = mkdtempSync(join(tmpdir(), 'actor-tokens-config-'));
const path = join(directory, 'actor-tokens.json');

afterAll(() => rmSync(directory, { recursive: true }));

function write(text: string): void {
  writeFileSync(path, text);
}

/** The configuration that a file and the values of the command line give. */
function configOf(members: object, values: Readonly<Record<string, unknown>> = {}) {
  write(JSON.stringify(members));
  return deploymentConfig({ config: path, ...values });
}

function errorOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return expect.fail('Nothing was thrown.');
}

describe('the file', () => {
  test('has the members of the configuration', () => {
    expect(configOf({ stage: 'prod', auditRetentionDays: 30, sessionKeys: [2, 1] })).toMatchObject({
      stage: 'prod',
      stackName: 'actor-tokens-prod',
      auditRetentionDays: 30,
      sessionKeys: [2, 1],
    });
  });

  test('must have values of their own types: only the command line has text for every one', () => {
    expect(errorOf(() => configOf({ generation: '2' }))).toBe(
      'generation is "2": write a whole number from 1, such as 2.',
    );
  });

  test.each([
    ['{"stage": "dev" "generation": 2}', `${path} is not valid JSON: comma expected at line 1, column 17.`],
    ['{\n  "stage": "dev",\n}', `${path} is not valid JSON: property name expected at line 3, column 1.`],
    ['{"stage": "dev"', `${path} is not valid JSON: close brace expected at line 1, column 16.`],
    ['', `${path} is not valid JSON: value expected at line 1, column 1.`],
    ['{\n  // mine\n}', `${path} is not valid JSON: invalid comment token at line 2, column 3.`],
    ['["dev"]', `${path} is not an object: write one, such as {"stage": "dev"}.`],
    ['"dev"', `${path} is not an object: write one, such as {"stage": "dev"}.`],
    ['{"stage": "dev", "stage": "prod"}', `${path} has stage twice: keep one of them.`],
  ])('%j is refused in one sentence', (text, sentence) => {
    write(text);

    expect(errorOf(() => deploymentConfig({ config: path }))).toBe(sentence);
  });

  test('that is chosen must exist', () => {
    expect(errorOf(() => deploymentConfig({ config: 'actor-tokens.absent.json' }))).toBe(
      'There is no configuration file actor-tokens.absent.json: check its name.',
    );
  });

  test('must not be a directory', () => {
    const inner = join(directory, 'inner');
    mkdirSync(inner);

    expect(errorOf(() => readConfigFile(inner))).toBe(
      `${inner} is a directory: write the configuration into a file, such as {"stage": "dev"}.`,
    );
  });

  test('is named by a text', () => {
    expect(errorOf(() => deploymentConfig({ config: 7 }))).toBe(
      'config is not the name of a file: write one, such as -c config=actor-tokens.prod.json.',
    );
  });
});

describe('a value of the command line', () => {
  test('takes precedence over the file', () => {
    expect(configOf({ generation: 2, applicationName: 'Example' }, { generation: '3' })).toMatchObject({
      generation: 3,
      applicationName: 'Example',
    });
  });

  test('is a text, also where the file has a number, a list, or true and false', () => {
    const values = {
      auditRetentionDays: '30',
      allowedOrigins: 'https://a.example, http://127.0.0.1:5173',
      sessionKeys: '2,1',
      applicationName: '7',
      handshake: 'false',
      nativeClients: 'true',
      scriptsUrl: 'false',
    };

    expect(configOf({}, values)).toMatchObject({
      auditRetentionDays: 30,
      allowedOrigins: ['https://a.example', 'http://127.0.0.1:5173'],
      sessionKeys: [2, 1],
      applicationName: '7',
      handshake: false,
      nativeClients: true,
      scriptsUrl: false,
    });
  });

  test.each([
    ['generation', '1e3', 'generation is "1e3": write a whole number from 1, such as 2.'],
    ['nativeClients', 'yes', 'nativeClients is "yes": write true or false.'],
    ['handshake', 'constructor', 'handshake is "constructor": write true or false.'],
    ['generation', '', 'generation is "": write a whole number from 1, such as 2.'],
    [
      'allowedOrigins',
      'https://a.example,https://b.example/',
      'allowedOrigins is "https://b.example/": write an exact https origin without path or wildcard, such as ' +
        'https://app.example.com (http for localhost only).',
    ],
    [
      'sessionKeys',
      '2,x',
      'sessionKeys is "x": write up to 5 different numbers from 1, beginning with the one that signs, such as [2, 1].',
    ],
  ])('%s=%s is refused like any other wrong value', (name, value, sentence) => {
    expect(errorOf(() => configOf({}, { [name]: value }))).toBe(sentence);
  });
});

describe('an unknown name is refused with the nearest known one', () => {
  test.each([
    ['stge', 'stage'],
    ['maxSessonDuraton', 'maxSessionDurationInSeconds'],
    ['maxTicketLife', 'maxTicketLifeInSeconds'],
    ['StackName', 'stackName'],
    ['certificate', 'certificateArn'],
    ['allowedOrigin', 'allowedOrigins'],
  ])('%s: %s', (name, nearest) => {
    expect(errorOf(() => configOf({ [name]: 1 }))).toBe(
      `${path}: unknown name \`${name}\`: did you mean \`${nearest}\`?`,
    );
    expect(errorOf(() => configOf({}, { [name]: 1 }))).toBe(
      `-c: unknown name \`${name}\`: did you mean \`${nearest}\`?`,
    );
  });

  test('within cloudFront and restoredTables too', () => {
    expect(errorOf(() => configOf({ cloudFront: { originDomain: 'a' } }))).toBe(
      'cloudFront: unknown name `originDomain`: did you mean `originDomainName`?',
    );
    expect(errorOf(() => configOf({ restoredTables: { Session: 'a' } }))).toBe(
      'restoredTables: unknown name `Session`: did you mean `Sessions`?',
    );
  });

  test('on the command line the names of the settings are known too', () => {
    expect(errorOf(() => configOf({}, { validat: 'false' }))).toBe(
      '-c: unknown name `validat`: did you mean `validate`?',
    );
    expect(configOf({}, { validate: 'false', sam: '1' })).toMatchObject({ stage: 'dev' });
  });

  test('a name that is like no other is refused with all of them', () => {
    expect(errorOf(() => configOf({ actorTokens: {} }))).toMatch(
      /: unknown name `actorTokens`: the names are stage, protected, .*, restoredTables\.$/,
    );
  });

  test('context that belongs to the CDK is ignored', () => {
    const ofCdk = {
      'aws:cdk:enable-asset-metadata': true,
      '@aws-cdk/core:validateAgainstDefaultRules': true,
      'availability-zones:account=1:region=x': [],
      'acknowledged-issue-numbers': [1],
      'cli-telemetry': false,
    };

    expect(configOf({}, ofCdk)).toMatchObject({ stage: 'dev' });
  });
});

describe('the values of one stage do not reach another', () => {
  test.each([
    [{ protected: false }, 'protected'],
    [{ stackName: 'acme-auth' }, 'stackName'],
    [{ instanceId: 'ins_0123456789abcdefghijABCDEFG' }, 'instanceId'],
    [{ generation: 2, restoredTables: { Sessions: 'actor-tokens-prod-Sessions-g2' } }, 'restoredTables'],
  ])('%o', (members, name) => {
    const file = { stage: 'prod', ...members };

    expect(configOf(file)).toMatchObject({ stage: 'prod' });
    expect(errorOf(() => configOf(file, { stage: 'dev' }))).toBe(
      `${name} in ${path} belongs to the stage prod, and another stack must not use it: for the stage dev choose another ` +
        `file with -c config=…, or give a ${name} of its own with -c ${name}=….`,
    );
  });

  test('the protection of a stage may be chosen in the command', () => {
    expect(configOf({ stage: 'prod' }, { protected: 'false' })).toMatchObject({ stage: 'prod', protected: false });
    expect(configOf({}, { stage: 'staging' })).toMatchObject({ stackName: 'actor-tokens-staging', protected: true });
  });

  test('the other stage may get a name of its own', () => {
    const config = configOf({ stage: 'prod', stackName: 'acme-auth' }, { stage: 'dev', stackName: 'acme-auth-dev' });

    expect(config).toMatchObject({ stage: 'dev', stackName: 'acme-auth-dev' });
  });

  test('a stack is not named without its stage: dev deployed over prod would remove the protection of prod', () => {
    expect(errorOf(() => configOf({ stage: 'prod' }, { stackName: 'acme-auth' }))).toBe(
      '-c stackName needs the stage of that stack: add -c stage=…, such as -c stage=prod.',
    );
  });
});

describe('a local run', () => {
  test('ignores the hosts, people and tables of the file, and nothing else', () => {
    const file = {
      stage: 'prod',
      protected: true,
      stackName: 'acme-auth',
      instanceId: 'ins_0123456789abcdefghijABCDEFG',
      domainName: 'clerk.example.com',
      hostedZoneId: 'Z0123456789ABCDEFGHIJ',
      hostedZoneName: 'example.com',
      alarmEmail: 'oncall@example.com',
      cloudTrailLogGroup: 'aws-cloudtrail-logs',
      generation: 2,
      restoredTables: { Sessions: 'acme-auth-Sessions-g2' },
      auditRetentionDays: 30,
    };

    expect(configOf(file, { local: '1', stage: 'dev' })).toEqual({
      ...configOf({ generation: 2, auditRetentionDays: 30 }),
      stackName: 'actor-tokens-dev',
    });
  });

  test('is asked for by 1 only', () => {
    expect(errorOf(() => configOf({}, { local: 'yes' }))).toBe('local is "yes": write 1, or leave it out.');
  });
});
