import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { policy } from '../../cdk/commands/policy.ts';
import { aUser } from '../support/given.ts';
import { execute } from './execute.ts';
import { LOCAL } from './run.ts';

const hardened = ['--file', 'policies/hardened.json'];
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'policy-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function fileOf(content: unknown): readonly string[] {
  const path = join(directory, 'policy.json');
  writeFileSync(path, JSON.stringify(content));
  return ['--file', path];
}

const support = {
  id: 'support',
  effect: 'allow',
  actor: { groups: ['support'] },
  same: [['actor.tenant', 'target.tenant']],
  require: { verified: true, reason: 10 },
  limits: { ticket: 300, session: 900 },
  mode: 'read_only',
};

describe('check', () => {
  test('counts rules and cases, and names the version', async () => {
    expect(await execute(policy, ['check', ...hardened])).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^Version [0-9a-f]{12}: 5 rules, 9 cases, all as expected\.\n$/),
      stderr: '',
    });
    const { stdout } = await execute(policy, ['check', '--json', ...hardened]);
    expect(JSON.parse(stdout)).toMatchObject({ rules: 5, cases: 9, failed: 0 });
  });

  test('names each case that is not as expected', async () => {
    const cases = [{ name: 'mia is allowed', actor: { sub: 'mia' }, target: {}, expect: { allow: 'support' } }];

    expect(await execute(policy, ['check', ...fileOf({ rules: [support], cases })])).toEqual({
      status: 1,
      stdout: expect.stringContaining('1 rule, 1 case, 1 not as expected'),
      stderr: '"mia is allowed" is not as expected: refused by default: no rule allows it.\n',
    });
  });

  test('says what is wrong with a file', async () => {
    const { status, stderr } = await execute(policy, ['check', ...fileOf({ rules: [{ id: 'x' }] })]);

    expect(status).toBe(1);
    expect(stderr).toContain('rules[0].effect is missing');
  });

  test('says that no policy is configured', async () => {
    const { status, stderr } = await execute(policy, ['check']);

    expect(status).toBe(1);
    expect(stderr).toContain('No policy is configured, so every actor may become every user');
  });
});

test('test shows what the policy decides in each of its cases', async () => {
  const { status, stdout } = await execute(policy, ['test', ...hardened]);

  expect(status).toBe(0);
  expect(stdout.trim().split('\n')).toHaveLength(9);
  expect(stdout).toContain('ok     nobody becomes an administrator: refused by never-staff: target.role is admin\n');
});

describe('explain', () => {
  const explain = async (...args: readonly string[]) => {
    const { status, stdout } = await execute(policy, [
      'explain',
      '--actor',
      'mia',
      ...fileOf({ rules: [support] }),
      ...args,
    ]);
    return { status, stdout: stdout.trim() };
  };
  const tenant = ['--target', '{"private_metadata":{"tenant":"t1"}}'];
  const claims = ['--claims', 'groups=billing,groups=support,tenant=t1'];

  test('says which rule allows, with its limits, and why it matches', async () => {
    expect(await explain(...tenant, ...claims, '--reason', 'Case 4711: invoice')).toEqual({
      status: 0,
      stdout:
        'Allowed by support (read_only, ticket 300 s, session 900 s): actor.groups is billing, support; actor.tenant and ' +
        'target.tenant share a value.',
    });
  });

  test.each<[string, readonly string[], string]>([
    ['a missing reason', claims, 'Refused by support: the reason is missing or too short.'],
    ['a secret key', [...claims, '--secret-key'], 'Refused by support: the actor is not an operator.'],
    ['no rule', ['--claims', 'groups=billing'], 'Refused by default: no rule allows it.'],
  ])('says what refuses: %s', async (_, args, sentence) => {
    expect(await explain(...tenant, ...args)).toEqual({ status: 1, stdout: sentence });
  });

  test('reads a user of the instance', async () => {
    const externalId = `customer_${Date.now()}`;
    await aUser({ external_id: externalId, private_metadata: { role: 'owner' } });
    const args = ['explain', '--actor', 'mia', ...hardened, ...LOCAL];

    expect(await execute(policy, [...args, '--user', externalId])).toMatchObject({
      status: 1,
      stdout: 'Refused by never-staff: target.role is owner.\n',
    });
    expect(await execute(policy, [...args, '--user', 'nobody'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('has no user nobody.'),
    });
  });
});
