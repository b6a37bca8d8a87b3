// The rules of `npm run signing-keys`: when a step is allowed, what it writes into the configuration file, and its messages.
import { describe, expect, test } from 'vitest';
import { formatDuration } from '../../cdk/commands/format-duration.ts';
import { withMember } from '../../cdk/commands/signing-keys/config-edit.ts';
import { hintAfter, nextStepHint } from '../../cdk/commands/signing-keys/hints.ts';
import { afterStep } from '../../cdk/commands/signing-keys/lists.ts';
import { parsePastTime } from '../../cdk/commands/signing-keys/past-time.ts';
import { listAfter, type Situation } from '../../cdk/commands/signing-keys/plan.ts';
import { waitsOf } from '../../cdk/commands/signing-keys/waits.ts';
import { epochMs } from '../../shared/base/time.ts';

const now = epochMs(Date.parse('2026-05-03T12:00:00.000Z'));
const minutesAgo = (minutes: number) => epochMs(now - minutes * 60_000);
const limits = { inactivityInSeconds: 600, maxTicketLifeInSeconds: 3600, maxSessionDurationInSeconds: 1800 };

interface Given extends Partial<Pick<Situation, 'configured' | 'deployed' | 'served'>> {
  readonly kind?: 'session' | 'ticket';
  readonly deployedMinutesAgo?: number;
  readonly signingSinceMinutesAgo?: number;
}

/** A situation in which the configured list is deployed and served. */
function situation(given: Given): Situation {
  const { kind = 'session', configured = [1], deployedMinutesAgo = 60, signingSinceMinutesAgo: since } = given;
  return {
    kind,
    configured,
    deployed: given.deployed ?? configured,
    deployedAt: minutesAgo(deployedMinutesAgo),
    signingSince: since === undefined ? undefined : minutesAgo(since),
    served: kind === 'ticket' ? undefined : (given.served ?? configured),
    waits: waitsOf(kind, limits),
    now,
  };
}

describe('a step that is allowed', () => {
  test.each([
    ['publish', {}, [1, 2]],
    ['publish', { configured: [3] }, [3, 4]],
    ['sign', { configured: [1, 2], deployedMinutesAgo: 20 }, [2, 1]],
    ['sign', { kind: 'ticket', configured: [1, 2], deployedMinutesAgo: 0 }, [2, 1]],
    ['retire', { configured: [2, 1], deployedMinutesAgo: 15 }, [2]],
    ['retire', { kind: 'ticket', configured: [2, 1], deployedMinutesAgo: 95 }, [2]],
    ['retire', { kind: 'ticket', configured: [2, 1], deployedMinutesAgo: 1, signingSinceMinutesAgo: 95 }, [2]],
  ] as const)('%s is allowed for %j and makes %j', (step, given, list) => {
    expect(listAfter(step, situation(given))).toEqual(list);
  });

  test('replace makes a list of one key that has a new number', () => {
    expect(afterStep.replace([2, 1])).toEqual([3]);
  });
});

describe('a step that is not allowed', () => {
  const published = { configured: [1, 2] } as const;
  const signing = { configured: [2, 1] } as const;
  const ticketSigning = { kind: 'ticket', configured: [2, 1], deployedMinutesAgo: 90 } as const;

  test.each([
    ['publish', published, 'A rotation of the session keys [1, 2] is in progress: continue with "sign session".'],
    ['publish', signing, 'A rotation of the session keys [2, 1] is in progress: continue with "retire session".'],
    [
      'publish',
      { deployed: [1, 2] },
      'The configuration file has the session keys [1], and the stack has [1, 2]: deploy the file, or write the list of the ' +
        'stack into it.',
    ],
    ['sign', {}, 'There is no new session key that could sign: start with "publish session".'],
    ['sign', signing, 'The session key 2 signs already: continue with "retire session".'],
    [
      'sign',
      { ...published, deployedMinutesAgo: 12 },
      'The stack was last deployed at 2026-05-03T11:48:00.000Z, and verifiers may not know the new key until ' +
        '2026-05-03T12:08:00.000Z: wait 8 minutes and try again.',
    ],
    [
      'sign',
      { ...published, served: [1] },
      'The session key 2 is not in the JWKS: look for "verification_key" in the log of the function tickets, and try again ' +
        'when the key is in the JWKS.',
    ],
    ['retire', {}, 'There is no old session key to retire: the list is [1].'],
    ['retire', published, 'The new key of the session keys [1, 2] does not sign yet: continue with "sign session".'],
    [
      'retire',
      { ...signing, deployedMinutesAgo: 10 },
      'The stack was last deployed at 2026-05-03T11:50:00.000Z, and sessions may depend on the old key until ' +
        '2026-05-03T12:05:00.000Z: wait 5 minutes and try again. If the new key has signed for longer, write since when: ' +
        '--signing-since <ISO time>.',
    ],
    [
      'retire',
      ticketSigning,
      'The stack was last deployed at 2026-05-03T10:30:00.000Z, and tickets of the old key, and their sessions, can be ' +
        'live until 2026-05-03T12:05:00.000Z: wait 5 minutes and try again. If the new key has signed for longer, write since when: ' +
        '--signing-since <ISO time>.',
    ],
    [
      'retire',
      { ...ticketSigning, deployedMinutesAgo: 1, signingSinceMinutesAgo: 90 },
      'The new ticket key has signed since 2026-05-03T10:30:00.000Z, and tickets of the old key, and their sessions, can be ' +
        'live until 2026-05-03T12:05:00.000Z: wait 5 minutes and try again.',
    ],
    // A time after the last deployment does not shorten the wait.
    [
      'retire',
      { ...ticketSigning, signingSinceMinutesAgo: 0 },
      'The stack was last deployed at 2026-05-03T10:30:00.000Z, and tickets of the old key, and their sessions, can be ' +
        'live until 2026-05-03T12:05:00.000Z: wait 5 minutes and try again. If the new key has signed for longer, write since when: ' +
        '--signing-since <ISO time>.',
    ],
  ] as const)('%s is refused for %j', (step, given, message) => {
    expect(() => listAfter(step, situation(given))).toThrow(expect.objectContaining({ name: 'CommandError', message }));
  });
});

test.each([
  ['no rotation', {}, 'No rotation is in progress.'],
  ['a published key', { configured: [1, 2] }, 'Next: npm run signing-keys -- sign session (with the same options)'],
  ['a signing key', { configured: [2, 1] }, 'Next: npm run signing-keys -- retire session (with the same options)'],
  [
    'a step that must wait',
    { configured: [1, 2], deployedMinutesAgo: 19 },
    expect.stringMatching(/^The stack was last deployed at .*: wait 1 minute and try again\.$/),
  ],
] as const)('the status shows the next step of %s', (_, given, hint) => {
  expect(nextStepHint(situation(given))).toEqual(hint);
});

test.each([
  ['publish', 'session', 'Then wait 20 minutes and run: npm run signing-keys -- sign session (with the same options)'],
  ['publish', 'ticket', 'Then run: npm run signing-keys -- sign ticket (with the same options)'],
  ['sign', 'session', 'Then wait 15 minutes and run: npm run signing-keys -- retire session (with the same options)'],
  [
    'sign',
    'ticket',
    'Then wait 1 hour and 35 minutes and run: npm run signing-keys -- retire ticket (with the same options)',
  ],
  ['retire', 'session', 'Then disable the old KMS key and delete it later, as docs/rotate.md describes.'],
  ['replace', 'ticket', 'Then disable the old KMS key and delete it later, as docs/rotate.md describes.'],
] as const)('after %s %s, the administrator reads what to do next', (step, kind, hint) => {
  expect(hintAfter(step, kind, limits)).toBe(hint);
});

describe('--signing-since', () => {
  test.each(['2026-05-03T09:12:40Z', '2026-05-03T11:12:40+02:00', '2026-05-03T09:12:40.000Z'])(
    'a time with its time zone is accepted: %s',
    (text) => {
      expect(parsePastTime(text, now)).toBe(Date.parse('2026-05-03T09:12:40Z'));
    },
  );

  test.each(['yesterday', '1', '2026-05-03', '2026-05-03T09:12:40', '2026-02-30T09:12:40Z'])(
    'a text that is not a time with its time zone is a usage error: %s',
    (text) => {
      const message = '--signing-since is not a time with its time zone: write one such as 2026-05-03T09:12:40Z.';
      expect(() => parsePastTime(text, now)).toThrow(expect.objectContaining({ name: 'UsageError', message }));
    },
  );

  test('a time in the future is a usage error', () => {
    const message =
      '--signing-since is in the future: write when the deployment that let the new key sign ended, or omit the option.';
    expect(() => parsePastTime('2026-05-03T12:00:01Z', now)).toThrow(
      expect.objectContaining({ name: 'UsageError', message }),
    );
  });
});

test.each([
  ['{}\n', '{\n  "sessionKeys": [\n    2,\n    1\n  ]\n}\n'],
  ['{"sessionKeys":[1],"stage":"dev"}', '{"sessionKeys":[\n    2,\n    1\n  ],"stage":"dev"}'],
  [
    '{\n  "cloudFront":  { "sessionKeys": [7] },\n  "stage": "dev"\n}\n',
    '{\n  "cloudFront":  { "sessionKeys": [7] },\n  "stage": "dev",\n  "sessionKeys": [\n    2,\n    1\n  ]\n}\n',
  ],
])('a list is written into the configuration file, and the other members stay as they are: %j', (before, after) => {
  expect(withMember(before, 'sessionKeys', [2, 1])).toBe(after);
  expect(JSON.parse(after).sessionKeys).toEqual([2, 1]);
});

test.each([
  [0, 'no time'],
  [61, '2 minutes'],
  [3600, '1 hour'],
  [86_399, '1 day'],
  [2_592_300, '30 days and 5 minutes'],
])('%d seconds are formatted as %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});
