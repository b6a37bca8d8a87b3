// Every mutation of a policy file is a policy, or is refused with a sentence that says what to do.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../../cdk/config/error.ts';
import { readPolicy } from '../../../cdk/policy/policy-file.ts';
import { isLong } from '../figures.ts';
import { mutatedJson } from './json.ts';
import { type Choices, expectNoViolation, MANY, timeout, violationsOf } from './seeded.ts';
import { mutated } from './texts.ts';

const FILE = 'test/prove/input/policies.test.ts';
const NAME = 'each mutation of a policy file is a policy, or is refused with a sentence';
const check = { name: 'Policy files', test: [FILE, NAME], cases: isLong ? 20_000 : 1500 } as const;

const file = join(mkdtempSync(join(tmpdir(), 'policies-')), 'policy.json');
const NAMES = [
  'rules',
  'cases',
  '$schema',
  'id',
  'effect',
  'actor',
  'target',
  'same',
  'require',
  'limits',
  'mode',
  'expect',
];

/** The policy that the product comes with, with a rule of each kind more. */
async function aPolicy() {
  const { rules, cases } = JSON.parse(readFileSync('policies/hardened.json', 'utf8'));
  const more = [
    {
      id: 'read',
      effect: 'allow',
      mode: 'read_only',
      actor: { groups: ['support', '*'] },
      limits: { ticket: 60, session: 600 },
    },
    {
      id: 'home',
      effect: 'allow',
      require: { consent: true, same_address: true },
      same: [['actor.tenant', 'target.tenant']],
    },
  ];
  return { rules: [...more, ...rules], cases: cases.slice(0, 3) };
}

/** A sentence names the file and ends with what to write, in one line. */
const SENTENCE = /^The policy \S.{10,}\.$/s;

const judge =
  (read: (path: string) => unknown) =>
  async (choices: Choices, policy: Awaited<ReturnType<typeof aPolicy>>): Promise<string | undefined> => {
    const [name, json] = mutatedJson(policy, choices, NAMES);
    const [, text] = choices.onceIn(4) ? mutated(json, choices) : [name, json];
    writeFileSync(file, choices.onceIn(20) ? Buffer.from(text, 'latin1') : text);
    try {
      read(file);
      return undefined;
    } catch (error) {
      if (!(error instanceof ConfigError)) return `${name}: ${error}`;
      return SENTENCE.test(error.message) ? undefined : `${name}: ${error.message.slice(0, 200)}`;
    }
  };

describe('a policy file', () => {
  test(NAME, { timeout }, async () => {
    writeFileSync(file, JSON.stringify(await aPolicy()));
    expect(readPolicy(file).outcomes.length).toBe(3);

    await expectNoViolation({ ...check, unit: 'mutations' }, aPolicy, judge(readPolicy));
  });

  test('the mutations notice a reader that takes a rule for an object with all its members', { timeout }, async () => {
    const weak = (path: string) => {
      readPolicy(path);
      const { rules } = JSON.parse(readFileSync(path, 'utf8'));
      return rules.map(({ require }: { require: { reason: number } }) => require.reason);
    };

    expect(await violationsOf({ ...check, cases: MANY, enough: 1 }, aPolicy, judge(weak))).toHaveLength(1);
  });
});
