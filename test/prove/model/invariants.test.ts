// Each invariant is violated by some step, so none of them holds for every step.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Item, invariantNames, type Minted, type Step, violatedBy } from '../invariants.ts';

const noon = 1_700_000_000_000;
const SECOND = 1000;

const accepted: Item = {
  id: 'act_0',
  status: 'accepted',
  user_id: 'user_0',
  actor: '{"sub":"support_0"}',
  created_at: noon,
  expire_at: noon + 900 * SECOND,
  accepted_at: noon + SECOND,
  session_max_duration_in_seconds: 900,
  session_id: 'sess_0',
  client_id: 'client_0',
  client_secret_hash: 'first',
};
const session: Item = {
  id: 'sess_0',
  actor_token_id: 'act_0',
  user_id: 'user_0',
  actor: '{"sub":"support_0"}',
  client_id: 'client_0',
  client_secret_hash: 'first',
  created_at: noon + SECOND,
  expire_at: noon + 901 * SECOND,
  last_active_at: noon + SECOND,
};
const end: Item = {
  end_status: 'ended',
  ended_at: noon + 2 * SECOND,
  end_cause: 'sign_out',
  ended_by: null,
  ended_from: null,
  ended_with: null,
};
const client: Item = {
  id: 'client_0',
  session_id: 'sess_0',
  session_expire_at: noon + 901 * SECOND,
  secret_hash: 'first',
};
const user: Item = { id: 'user_0', banned: false };
const records: readonly Item[] = [accepted, session, client, user];

const iat = noon / SECOND + 2;
const claims: Item = { sub: 'user_0', act: { sub: 'support_0' }, sid: 'sess_0', iat, exp: iat + 60 };
const minted: Minted = { claims, sentAt: noon + 2 * SECOND, lastActiveAt: noon + SECOND, lostBy: undefined };

/** A step after which the tables contain these items, or the usual ones in their place. */
function stepWith(step: Partial<Step>, items: readonly Item[] = []): Step {
  const all = new Map([...records, ...items].map((item) => [item.id, item]));
  return {
    changes: [],
    itemOf: (_table, id) => all.get(id),
    userOf: (id) => all.get(id),
    sessionsOf: (id) => [...all.values()].filter((item) => item.actor_token_id && item.client_id === id),
    now: noon + 2 * SECOND,
    tolerance: 0,
    ...step,
  };
}

function written(table: string, before: Item | undefined, after: Item): Step {
  return stepWith({ changes: [{ table, before, after }] }, [after]);
}

test('a sign-in and a session token after it violate nothing', () => {
  const pending = { ...accepted, status: 'pending', session_id: undefined, client_id: undefined };
  const changes = [
    { table: 'ActorTokens', before: pending, after: accepted, event: { type: 'actor_token.accepted', isNew: true } },
    { table: 'Sessions', before: undefined, after: session, event: { type: 'session.created', isNew: true } },
    { table: 'Clients', before: undefined, after: client },
  ];
  const signIns = [{ actorTokenId: 'act_0', isFirst: true }];

  expect(violatedBy(stepWith({ changes, signIns, minted: [minted] }))).toBeUndefined();
});

const touched = { ...session, last_active_at: noon + 2 * SECOND };

const violations: Readonly<Record<string, readonly (readonly [what: string, step: Step])[]>> = {
  'A ticket gives at most one session.': [
    ['a second success', stepWith({ signIns: [{ actorTokenId: 'act_0', isFirst: false }] })],
    ['another session of the ticket', written('Sessions', undefined, { ...session, id: 'sess_1' })],
    ['a session in another browser', written('Sessions', undefined, { ...session, client_id: 'client_1' })],
    ['an accepted token without its session', written('ActorTokens', undefined, { ...accepted, session_id: 'sess_9' })],
  ],
  'The outcome of an actor token is final.': [
    ['a token that is pending again', written('ActorTokens', accepted, { ...accepted, status: 'pending' })],
    [
      'a pending token that is refused as if it had never been made',
      written('ActorTokens', { ...accepted, status: 'pending' }, { ...accepted, status: 'refused' }),
    ],
    ['a revoked token that is accepted', written('ActorTokens', { ...accepted, status: 'revoked' }, accepted)],
    ['a token that another request accepts', written('ActorTokens', { ...accepted, attempt: 'other' }, accepted)],
  ],
  'A session starts while its ticket is valid, and ends when the ticket says so.': [
    [
      'a session that starts as the ticket expires',
      written('Sessions', undefined, { ...session, created_at: noon + 900 * SECOND, expire_at: noon + 1800 * SECOND }),
    ],
    ['a session that is too long', written('Sessions', undefined, { ...session, expire_at: noon + 902 * SECOND })],
  ],
  'A session starts as a user who exists, and has not been banned since the ticket was created.': [
    [
      'a user who does not exist',
      stepWith({ changes: [{ table: 'Sessions', before: undefined, after: session }], userOf: () => undefined }),
    ],
    [
      'a banned user',
      stepWith({ changes: [{ table: 'Sessions', before: undefined, after: session }] }, [{ ...user, banned: true }]),
    ],
    [
      'a user whose ban was lifted since',
      stepWith({ changes: [{ table: 'Sessions', before: undefined, after: session }] }, [
        { ...user, unbanned_at: noon + 1 },
      ]),
    ],
  ],
  'The end of a session is final, and written as a whole.': [
    [
      'another page after the end',
      written('Sessions', { ...session, ...end }, { ...session, ...end, origin: 'other' }),
    ],
    ['half an end', written('Sessions', session, { ...session, end_status: 'ended' })],
    ['another end', written('Sessions', { ...session, ...end }, { ...session, ...end, end_cause: 'backend_revoke' })],
    ['an end that is taken back', written('Sessions', { ...session, ...end }, session)],
    ['activity after the end', written('Sessions', { ...session, ...end }, { ...touched, ...end })],
  ],
  'A session stays what it was granted as, and its activity goes forward.': [
    ['a prolonged session', written('Sessions', session, { ...session, expire_at: session.expire_at + 1 })],
    ['activity that goes back', written('Sessions', touched, session)],
  ],
  'A browser holds one live session.': [
    [
      'two sessions of one browser',
      stepWith({ changes: [{ table: 'Clients', before: undefined, after: client }] }, [{ ...session, id: 'sess_1' }]),
    ],
    ['a session that its client does not name', written('Clients', client, { ...client, session_id: 'sess_1' })],
    [
      'a client with another end than its session',
      written('Clients', client, { ...client, session_expire_at: noon + 902 * SECOND }),
    ],
    ['a client with another secret than its session', written('Clients', client, { ...client, secret_hash: 'other' })],
  ],
  'An acknowledged change stays.': [['a broken promise', stepWith({ brokenPromise: 'the user is not banned' })]],
  'A record stays.': [
    ['a session that is deleted', stepWith({ changes: [{ table: 'Sessions', before: session, after: undefined }] })],
  ],
  'A session token traces to a signed ticket: its session, its user and its actor.': [
    ['another user', stepWith({ minted: [{ ...minted, claims: { ...claims, sub: 'user_1' } }] })],
    ['another actor', stepWith({ minted: [{ ...minted, claims: { ...claims, act: { sub: 'the_ceo' } } }] })],
    ['no session', stepWith({ minted: [{ ...minted, claims: { ...claims, sid: 'sess_9' } }] })],
    ['a token that is still pending', stepWith({ minted: [minted] }, [{ ...accepted, status: 'pending' }])],
  ],
  'A session token lives for a minute at most, and within the limits of its session.': [
    ['61 seconds', stepWith({ minted: [{ ...minted, claims: { ...claims, exp: iat + 61 } }] })],
    [
      'a second past the end of the session',
      stepWith({ minted: [{ ...minted, claims: { ...claims, iat: noon / SECOND + 890, exp: noon / SECOND + 902 } }] }),
    ],
    ['ten minutes without activity', stepWith({ minted: [{ ...minted, sentAt: minted.lastActiveAt + 600 * SECOND }] })],
  ],
  'No request gets a session token when the right was lost before it was sent.': [
    ['after a ban', stepWith({ minted: [{ ...minted, lostBy: 'ban' }] })],
  ],
  'Every transition is exactly one event, and nothing else is one.': [
    [
      'a transition without an event',
      stepWith({ changes: [{ table: 'Sessions', before: undefined, after: session, event: undefined }] }),
    ],
    [
      'an event that there was already',
      stepWith({
        changes: [
          { table: 'Sessions', before: undefined, after: session, event: { type: 'session.created', isNew: false } },
        ],
      }),
    ],
    [
      'another event',
      stepWith({
        changes: [
          { table: 'Sessions', before: undefined, after: session, event: { type: 'session.ended', isNew: true } },
        ],
      }),
    ],
    [
      'an event of activity',
      stepWith({
        changes: [
          { table: 'Sessions', before: session, after: touched, event: { type: 'session.created', isNew: true } },
        ],
      }),
    ],
  ],
};

test('docs/assurance.md lists the invariants', () => {
  const [, section = ''] = readFileSync('docs/assurance.md', 'utf8').split('## The invariants');
  const listed = section.split('\n## ')[0]?.match(/^- .+$/gm);

  expect(listed?.map((line) => line.slice(2))).toEqual(invariantNames);
});

test('each invariant has a step that violates it', () => {
  expect(Object.keys(violations)).toEqual(invariantNames);
});

const cases = Object.entries(violations).flatMap(([name, steps]) =>
  steps.map(([what, step]) => ({ name, what, step })),
);

test.each(cases)('$what is a violation: $name', ({ name, step }) => {
  expect(violatedBy(step)).toBe(name);
});
