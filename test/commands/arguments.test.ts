import { describe, expect, test } from 'vitest';
import type { Command } from '../../cdk/commands/command.ts';
import { impersonate } from '../../cdk/commands/impersonate.ts';
import { policy } from '../../cdk/commands/policy.ts';
import { secretKey } from '../../cdk/commands/secret-key.ts';
import { signingKeys } from '../../cdk/commands/signing-keys.ts';
import { users } from '../../cdk/commands/users.ts';
import { execute } from './execute.ts';
import { LOCAL } from './run.ts';

const SESSION = 'sess_0ujtsYcgvSTl8PAuAdqWYSMnLOv';
const KEY = 'sk_live_0123456789abcdefghijABCDEFGHIJ';

interface Case {
  readonly command: Command;
  readonly args: readonly string[];
  readonly message: string;
}

function casesOf(command: Command, cases: readonly (readonly [args: readonly string[], message: string])[]): Case[] {
  return cases.map(([args, message]) => ({ command, args, message }));
}

const cases = [
  ...casesOf(users, [
    [[], 'Missing command. Available commands: import, list, ban, unban, erase.'],
    [['destroy'], 'Unknown command: destroy. Available commands: import, list, ban, unban, erase.'],
    [['toString'], 'Unknown command: toString. Available commands: import, list, ban, unban, erase.'],
    [
      ['--local', 'list'],
      'The command must come before the options. Available commands: import, list, ban, unban, erase.',
    ],
    [['list', '--local', '--stack', 'x'], '--local and --stack choose two instances: omit one of them.'],
    [['list', '--stage', 'prod', '--stack', 'x'], '--stack and --stage choose two stacks: omit one of them.'],
    [['list', '--dir', 'x'], '--dir is the directory of a local run: add --local.'],
    [
      ['list', '--stage', 'X', '--region', 'x'],
      '--stage is X: write up to 19 lower-case letters, digits and hyphens, beginning with a letter, such as dev, staging or prod.',
    ],
    [['list', '--limit', '0'], '--limit is not a positive number: write one such as 20.'],
    [['list', 'x'], 'Unexpected argument: x. Quote names that contain spaces.'],
    [['import'], 'Missing file: write import users.ndjson, or import - for standard input.'],
    [['ban'], 'Missing user: write the id, such as user_…, or the external id.'],
    [['ban', ''], 'Missing user: write the id, such as user_…, or the external id.'],
    [['ban', 'one', 'two', 'three'], 'Unexpected arguments: two three. Quote names that contain spaces.'],
    [['ban', 'one', 'x'.repeat(41)], `Unexpected argument: ${'x'.repeat(40)}…. Quote names that contain spaces.`],
  ]),
  ...casesOf(secretKey, [
    [['create', ...LOCAL], 'Missing name: write the purpose of the key, as in --name backend.'],
    [['create', '--name', '', ...LOCAL], 'name must not be empty.'],
    [['create', '--name', 'x'.repeat(65), ...LOCAL], 'name must have at most 64 characters.'],
    [['create', '--name', 'a\nb', ...LOCAL], 'name must not contain control characters or invisible characters.'],
    [['create', '--name', 'my', 'backend', ...LOCAL], 'Unexpected argument: backend. Quote names that contain spaces.'],
    [
      ['create', '--name', 'x', '--may', 'create,delete'],
      '--may has an unknown scope: "delete". Write one or more of create, revoke, read, users, separated by commas.',
    ],
    [
      ['create', '--name', 'x', '--may', ''],
      '--may has an unknown scope: "". Write one or more of create, revoke, read, users, separated by commas.',
    ],
    ...['90', '0d', '1.5d', '-1d', '90 days', '100000d'].map(
      (duration) =>
        [
          ['create', '--name', 'x', `--expires-in=${duration}`],
          '--expires-in is not a duration: write days, hours or minutes, up to 99999 of them, such as 90d, 12h or 15m.',
        ] as const,
    ),
    [
      ['create', '--name', 'x', '--expires-at', 'tomorrow'],
      '--expires-at is not a time with its time zone: write one such as 2026-05-03T09:12:40Z.',
    ],
    [
      ['create', '--name', 'x', '--expires-at', '2026-05-03T09:12:40Z', ...LOCAL],
      '--expires-at is not in the future: write a later time.',
    ],
    [
      ['create', '--name', 'x', '--expires-at', '2099-05-03T09:12:40Z', '--expires-in', '1d'],
      '--expires-in and --expires-at choose two expiries: omit one of them.',
    ],
    [['revoke'], 'Missing key: write its id, such as key_2Zwn4c4SnN4HHeTb8EK7pe29iof. "list" shows the ids.'],
    [
      ['revoke', 'backend'],
      'This is not the id of a key: write its id, such as key_2Zwn4c4SnN4HHeTb8EK7pe29iof. "list" shows the ids.',
    ],
  ]),
  ...casesOf(impersonate, [
    [[], 'Missing command. Available commands: start, list, end, block, unblock.'],
    [['list', 'x'], 'Unexpected argument: x. Quote names that contain spaces.'],
    [['list', '--actor', ''], '--actor is empty: write the sub of an actor, such as support_7.'],
    [
      ['end'],
      'Missing session: write the id of a session, such as sess_…, or of an actor token, such as act_…, or choose several with --user, --actor or --all.',
    ],
    [
      ['end', 'user_0ujtsYcgvSTl8PAuAdqWYSMnLOv'],
      'user_0ujtsYcgvSTl8PAuAdqWYSMnLOv is not the id of a session: write the id of a session, such as sess_…, or of an actor token, such as act_….',
    ],
    [
      ['end', SESSION, '--actor', 'x'],
      'An id chooses one session, --user, --actor and --all choose several: omit one of them.',
    ],
    [['end', SESSION, 'x'], 'Unexpected argument: x. Write one id.'],
    [['end', '--user', ''], '--user is empty: write the id of a user, such as user_…, or the external id.'],
    [['end', '--actor', ''], '--actor is empty: write the sub of an actor, such as support_7.'],
    [['end', '--all', '--actor', 'x'], '--all chooses every session: omit --user and --actor, or --all.'],
    [['start'], 'Missing user: write the id, the external id or the e-mail address.'],
    [
      ['start', 'a', '--for', '1'],
      '--for is not a duration: write days, hours or minutes, up to 99999 of them, such as 90d, 12h or 15m.',
    ],
    [['start', 'a', '--api', 'x'], '--api is not a URL: write one such as https://clerk.example.com.'],
    [
      ['start', 'a', '--api', 'https://x.example'],
      'Missing token: set OPERATOR_TOKEN to a token of your identity provider, or choose --token-command "<command>" or --aws.',
    ],
    [
      ['start', 'a', '--api', 'https://x.example', '--aws', '--token-command', 'x'],
      '--token-command and --aws both give a token: omit one of them.',
    ],
    [
      ['block'],
      'Missing actor: write the sub of an actor, the claim sub or email of an operator, or "*" for everybody.',
    ],
  ]),
  ...casesOf(policy, [
    [[], 'Missing command. Available commands: check, test, explain.'],
    [['explain'], 'Missing actor: write --actor <sub>.'],
    [['explain', '--actor', 'a'], 'Write one of --user and --target.'],
    [['explain', '--actor', 'a', '--target', '{}', '--user', 'b'], 'Write one of --user and --target.'],
    [
      ['explain', '--actor', 'a', '--target', '{"role":1}'],
      '--target is not a user: write JSON such as {"external_id":"customer_1","private_metadata":{}}.',
    ],
    [
      ['explain', '--actor', 'a', '--target', '{}', '--claims', 'support'],
      '--claims is a list such as groups=support,tenant=t1.',
    ],
    [
      ['explain', '--actor', 'a', '--target', '{}', '--auth-age', 'x'],
      '--auth-age is not a number of seconds: write one such as 3600.',
    ],
  ]),
  ...casesOf(signingKeys, [
    [[], 'Missing command. Available commands: status, pem, publish, sign, retire, replace.'],
    [['publish'], 'Name the kind of key: write "publish session" or "publish ticket".'],
    [['publish', 'sessions'], 'Name the kind of key: write "publish session" or "publish ticket".'],
    [['publish', 'session', 'ticket'], 'Unexpected argument: ticket. Quote names that contain spaces.'],
    [['status', 'session'], 'Unexpected argument: session. Quote names that contain spaces.'],
    [
      ['retire', 'ticket', '--signing-since', 'yesterday'],
      '--signing-since is not a time with its time zone: write one such as 2026-05-03T09:12:40Z.',
    ],
  ]),
];

test.each(cases)('$command.name -- $args ends with 2: $message', async ({ command, args, message }) => {
  expect(await execute(command, args)).toEqual({
    status: 2,
    stdout: '',
    stderr: `${message}\nRun \`npm run ${command.name} -- --help\` for usage.\n`,
  });
});

test.each([
  [users, ['list', '--lmit', '1'], /^Unknown option '--lmit'/],
  [users, ['list', '--limit'], /^Option '--limit <value>' argument missing/],
  [signingKeys, ['publish', 'session', '--local'], /^Unknown option '--local'/],
  [signingKeys, ['sign', 'ticket', '--signing-since', '2026-05-03T09:12:40Z'], /^Unknown option '--signing-since'/],
])('$0.name refuses an option that the command does not have: $1', async (command, args, message) => {
  expect(await execute(command, args)).toMatchObject({ status: 2, stderr: expect.stringMatching(message) });
});

describe('a secret key that is pasted in the wrong place is not repeated', () => {
  test.each([
    ['as an id', ['revoke', KEY, ...LOCAL]],
    ['as a command', [KEY]],
    ['as an option', ['list', `--${KEY}`]],
    ['as an unexpected argument', ['list', KEY]],
    ['as a stage', ['list', '--stage', KEY]],
    ['as a stack', ['list', '--stack', KEY, '--region', 'us-east-1']],
  ])('a secret key is not repeated %s', async (_, args) => {
    const { status, stdout, stderr } = await execute(secretKey, args);

    expect(status).toBeGreaterThan(0);
    expect(stdout + stderr).not.toContain(KEY.slice('sk_live_'.length));
  });
});

test.each([
  [secretKey, '-- list'],
  [users, '-- list'],
  [impersonate, '-- start'],
  [policy, '-- check'],
  [signingKeys, '-- status'],
])('$0.name -- --help shows the verbs, the options and the exit codes', async (command, verb) => {
  const { status, stdout, stderr } = await execute(command, ['--help']);

  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain(`${command.name} ${verb}`);
  expect(stdout).toContain('--region <region>');
  expect(stdout).toContain('Exit code: 0 success; 1 failure or partial failure; 2 usage error.\n');
});
