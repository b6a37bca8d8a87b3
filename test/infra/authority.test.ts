// Operators and policy: what the stack checks, and what the functions get.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ActorTokens, type ActorTokensProps } from '../../cdk/actor-tokens.ts';
import { lambdaNames } from '../../cdk/bundle/bundle.ts';
import { parseConfig } from '../../cdk/config/config.ts';
import { deploymentConfig } from '../../cdk/config/deployment.ts';
import { readCheckedPolicy } from '../../cdk/policy/policy-file.ts';
import { policyJsonSchema } from '../../cdk/policy/policy-json-schema.ts';

const issuer = { issuer: 'https://corp.example.com', audience: 'api://actor-tokens' };
const hardened = 'policies/hardened.json';
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'policy-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function policyOf(content: unknown): string {
  const path = join(directory, 'policy.json');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function stackOf(props: ActorTokensProps): ActorTokens {
  return new ActorTokens(new Stack(new App(), 'Stack'), 'ActorTokens', props);
}

/** The files `authority.json` of the assets of a synthesized stack. */
function authorityFiles(props: ActorTokensProps): readonly string[] {
  const app = new App({ outdir: mkdtempSync(join(directory, 'out-')) });
  const stack = new Stack(app, 'Stack');
  new ActorTokens(stack, 'ActorTokens', props);
  const { directory: outdir } = app.synth();
  const files = readdirSync(outdir, { recursive: true }).map(String);
  return files
    .filter((file) => /^asset\.[^/]+\/authority\.json$/.test(file))
    .map((file) => readFileSync(join(outdir, file), 'utf8'));
}

test('operators and policy are a file beside the bundle of each function, and the cases are not in it', () => {
  const files = authorityFiles({ operators: { issuers: [issuer] }, policy: hardened });

  expect(files).toHaveLength(lambdaNames.length);
  const [first = '{}'] = files;
  expect(new Set(files).size).toBe(1);
  expect(JSON.parse(first)).toEqual({
    operators: {
      required: false,
      issuers: [{ ...issuer, jwksUri: 'https://corp.example.com/.well-known/jwks.json', subject: 'sub', claims: [] }],
    },
    policy: { version: readCheckedPolicy(hardened).version, rules: readCheckedPolicy(hardened).rules },
  });
});

test('without operators and policy there is no such file', () => {
  expect(authorityFiles({})).toEqual([]);
});

test('the JSON Schema of policies is the one that is published', () => {
  const published = readFileSync(new URL('../../policies/policy.schema.json', import.meta.url), 'utf8');

  expect(JSON.parse(published)).toEqual(JSON.parse(JSON.stringify(policyJsonSchema())));
});

describe('the profile hardened', () => {
  test('sets what is not set otherwise', () => {
    expect(parseConfig({ profile: 'hardened', operators: { issuers: [issuer] } })).toMatchObject({
      operators: { required: true },
      policy: expect.stringMatching(/policies\/hardened\.json$/),
      maxTicketLifeInSeconds: 300,
      maxSessionDurationInSeconds: 900,
    });
    const own = { profile: 'hardened', operators: { required: false, issuers: [issuer] }, policy: 'own.json' };
    expect(parseConfig({ ...own, maxTicketLifeInSeconds: 60 })).toMatchObject({
      operators: { required: false },
      policy: 'own.json',
      maxTicketLifeInSeconds: 60,
    });
  });

  test('needs an identity provider', () => {
    expect(() => parseConfig({ profile: 'hardened' })).toThrow(
      "profile is hardened, and operators is missing: write operators.issuers with the issuer of your company's identity provider.",
    );
  });
});

test('a policy in the configuration file is relative to that file', () => {
  const path = join(directory, 'actor-tokens.json');
  writeFileSync(path, JSON.stringify({ policy: 'mine.json' }));

  expect(deploymentConfig({ config: path }).policy).toBe(join(directory, 'mine.json'));
});

test('several identity providers without a rule about the issuer cause a warning', () => {
  const issuers = [issuer, { ...issuer, issuer: 'https://partner.example.com' }];
  const rules = [{ id: 'all', effect: 'allow', actor: { iss: ['https://corp.example.com'] } }];
  const warningsOf = (policy: string) =>
    stackOf({ operators: { issuers }, policy })
      .node.metadata.filter(({ type }) => type === 'aws:cdk:warning')
      .map(({ data }) => String(data));

  expect(warningsOf(hardened)).toEqual([expect.stringContaining('actor.iss')]);
  expect(warningsOf(policyOf({ rules }))).toEqual([]);
});

describe('a policy that is wrong stops the synthesis with a sentence', () => {
  const allow = { id: 'all', effect: 'allow' };

  test.each<[string, unknown, string]>([
    ['no JSON', '{', 'is not valid JSON'],
    ['no rules', {}, 'rules is missing'],
    ['an unknown name', { rules: [], deny: [] }, 'has deny, which is not a name of a policy'],
    ['an unknown member of a rule', { rules: [{ ...allow, when: 1 }] }, 'has rules[0].when'],
    ['an unknown effect', { rules: [{ ...allow, effect: 'maybe' }] }, 'rules[0].effect is "maybe"'],
    ['limits of a rule that denies', { rules: [{ id: 'no', effect: 'deny', limits: {} }] }, 'has rules[0].limits'],
    ['two rules with one id', { rules: [allow, allow] }, 'has two rules with the id all'],
    ['the id of the default', { rules: [{ ...allow, id: 'default' }] }, 'rules[0].id is "default"'],
    [
      'an attribute without a list',
      { rules: [{ ...allow, target: { role: 'admin' } }] },
      'rules[0].target.role is "admin"',
    ],
    ['an attribute with an empty list', { rules: [{ ...allow, target: { role: [] } }] }, 'rules[0].target.role'],
    ['a pair of unknown sides', { rules: [{ ...allow, same: [['user.id', 'target.id']] }] }, 'rules[0].same'],
    ['a reason of no length', { rules: [{ ...allow, require: { reason: 0 } }] }, 'rules[0].require.reason is 0'],
    [
      'an attribute that objects have',
      '{"rules":[{"id":"a","effect":"allow","actor":{"__proto__":["x"]}}]}',
      '__proto__',
    ],
    ['another attribute that objects have', { rules: [{ ...allow, actor: { constructor: ['x'] } }] }, 'constructor'],
    [
      'a case that it does not decide as expected',
      {
        rules: [allow],
        cases: [{ name: 'mia is refused', actor: { sub: 'mia' }, target: {}, expect: { refuse: 'all' } }],
      },
      'does not decide the case "mia is refused" as it expects: it is allowed by all: it is for everybody',
    ],
  ])('%s', (_, content, sentence) => {
    const path = policyOf(content);

    expect(() => stackOf({ policy: path })).toThrow(sentence);
  });

  test('a file that does not exist', () => {
    expect(() => stackOf({ policy: join(directory, 'none.json') })).toThrow('cannot be read (ENOENT)');
  });
});
