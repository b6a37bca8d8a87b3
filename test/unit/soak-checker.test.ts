// The checker of `npm run soak` finds each kind of violation, when one is put into a history or into what was stored.
import { createSign, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type AuditEvent, type EventType, eventIdOf } from '../../shared/audit/event.ts';
import { hashOf, sealFrom, unsignedSeal } from '../../shared/audit/seal.ts';
import { derivedId, siblingId } from '../../shared/base/ids.ts';
import { epochMs } from '../../shared/base/time.ts';
import { publicKeyFrom } from '../../shared/signing/public-key.ts';
import { check } from '../soak/checker.ts';
import type { FinalState } from '../soak/final-state.ts';
import { type Entry, outcomeOf } from '../soak/history.ts';
import { checkMemory, livesOf, type Sample, slopeOf } from '../soak/memory.ts';
import { plotOf } from '../soak/plot.ts';

const instanceId = derivedId('ins', 'soak');
const user = derivedId('user', 'ada');
const other = derivedId('user', 'grace');
const actor = 'agent_1';
const [pending, redeemed, revoked] = ['pending', 'redeemed', 'revoked'].map((name) => derivedId('act', name));
const session = siblingId('sess', redeemed ?? 'act_');
const client = derivedId('client', 'browser');
const block = derivedId('blid', actor);

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = await publicKeyFrom('key', publicKey.export({ type: 'spki', format: 'der' }));

function sealText(seq: number, prev: string | null, events: readonly AuditEvent[]): string {
  const { signingInput, body } = unsignedSeal({ instanceId, seq, prev, events, now: epochMs(1_800_000_000_000) }, key);
  const signature = createSign('sha256').update(signingInput).sign(privateKey, 'base64url');
  return `${signingInput}.${signature}\n${body}`;
}

/** Returns the seals of these batches of events, in which `change` changes the text of each. */
async function sealed(
  batches: readonly (readonly AuditEvent[])[],
  change: (text: string, seq: number) => string = (text) => text,
): Promise<FinalState['seals']> {
  const seals = [];
  let prev: string | null = null;
  for (const [index, events] of batches.entries()) {
    const seq = index + 1;
    const text = sealText(seq, prev, events);
    prev = hashOf(text.slice(0, text.indexOf('\n')));
    seals.push({ seq, seal: await sealFrom(change(text, seq), [key]) });
  }
  return seals;
}

function event(type: EventType, id: string, members: Partial<AuditEvent>): AuditEvent {
  return { id: eventIdOf(id, type, 1), type, at: epochMs(1_800_000_000_000), instance_id: instanceId, ...members };
}

const ofToken = (type: EventType, id = '') => event(type, id, { actor_token_id: id });
const ofSession = (type: EventType) => event(type, session, { session_id: session, actor_token_id: redeemed ?? '' });
const ofBlock = (type: EventType) => event(type, block, { blocklist_identifier_id: block });
const batches: readonly (readonly AuditEvent[])[] = [
  [
    ofToken('actor_token.created', pending),
    ofToken('actor_token.created', redeemed),
    ofToken('actor_token.created', revoked),
  ],
  [ofToken('actor_token.accepted', redeemed), ofSession('session.created'), ofToken('actor_token.revoked', revoked)],
  [ofSession('session.ended'), ofBlock('blocklist_identifier.created'), ofBlock('blocklist_identifier.deleted')],
];

const soundSeals = await sealed(batches);

const noon = 1_800_000_000_000;
const granted = { user_id: user, actor: `{"sub":"${actor}"}`, client_id: client, client_secret_hash: 'hash' };
const records: FinalState['records'] = [
  {
    table: 'ActorTokens',
    item: {
      ...granted,
      id: redeemed,
      status: 'accepted',
      session_id: session,
      created_at: noon,
      expire_at: noon + 60_000,
      session_max_duration_in_seconds: 1800,
    },
  },
  {
    table: 'Sessions',
    item: { ...granted, id: session, actor_token_id: redeemed, created_at: noon, expire_at: noon + 1_800_000 },
  },
  {
    table: 'Clients',
    item: { id: client, session_id: session, session_expire_at: noon + 1_800_000, secret_hash: 'hash' },
  },
];

const stored: FinalState = {
  instanceId,
  tokens: [
    { id: pending ?? '', status: 'pending', user_id: user },
    { id: redeemed ?? '', status: 'accepted', user_id: user, session_id: session, client_id: client },
    { id: revoked ?? '', status: 'revoked', user_id: user },
  ],
  sessions: [{ id: session, actor_token_id: redeemed ?? '', client_id: client, user_id: user, end_status: 'ended' }],
  users: [
    { id: user, first_name: 'Ada', banned: false },
    { id: other, first_name: 'Grace', banned: true },
  ],
  blocks: [{ id: block, identifier: actor, blocked_at: 1, lifted_at: 2 }],
  stoppedAt: noon + 2000,
  records,
  seals: soundSeals,
  witnesses: soundSeals.slice(0, 2).flatMap(({ seq, seal }) => ('fault' in seal ? [] : { seq, hash: seal.hash })),
  verifyFaults: [],
};

const minted = { user, actor, session, lifeInSeconds: 60 };

/** Returns the entries with times in their order, ten milliseconds each. They are acknowledged unless they say otherwise. */
function timed(entries: readonly Partial<Entry>[]): readonly Entry[] {
  return entries.map((entry, index) => ({
    operation: 'read',
    begun: index * 100,
    answered: index * 100 + 10,
    outcome: 'acknowledged',
    ...entry,
  }));
}

const created = (token = '') =>
  ({ operation: 'create', token, session: siblingId('sess', token as 'act_'), user, actor }) as const;
const redemption = { operation: 'redeem', token: redeemed, session, client, browser: 'A', minted } as const;
const mint = { operation: 'mint', session, browser: 'A', minted } as const;
const end = { operation: 'end', session, browser: 'A' } as const;

const usual: readonly Partial<Entry>[] = [
  { operation: 'createUser', user, name: 'Ada' },
  { operation: 'createUser', user: other, name: 'Grace' },
  { operation: 'ban', user: other },
  created(pending),
  created(redeemed),
  created(revoked),
  { operation: 'revoke', token: revoked },
  redemption,
  {
    ...redemption,
    outcome: 'refused',
    code: 'actor_token_already_used_code',
    browser: 'B',
    client: undefined,
    minted: undefined,
  },
  mint,
  { operation: 'read', session, isActive: true },
  end,
  { ...mint, outcome: 'refused', code: 'authentication_invalid', minted: undefined },
  { operation: 'block', actor },
  { operation: 'lift', actor },
];

/** Returns the sentences of all violations. */
function violations(entries: readonly Partial<Entry>[], state: Partial<FinalState> = {}): readonly string[] {
  return check(timed(entries), { ...stored, ...state }).flatMap((each) => each.violations);
}

const without = (operation: Entry['operation']) => usual.filter((entry) => entry.operation !== operation);
const tokenAs = (id: string | undefined, change: Partial<FinalState['tokens'][number]>) => ({
  tokens: stored.tokens.map((each) => (each.id === id ? { ...each, ...change } : each)),
});
const userAs = (id: string, change: Partial<FinalState['users'][number]>) => ({
  users: stored.users.map((each) => (each.id === id ? { ...each, ...change } : each)),
});

test('a sound history has no violation, and every rule has cases', () => {
  const all = check(timed([...usual, { operation: 'create', outcome: 'unknown' }]), stored);

  expect(all.flatMap((each) => each.violations)).toEqual([]);
  expect(all.filter(({ cases }) => cases === 0)).toEqual([]);
});

test('a lost answer is no refusal and no violation, whether its request was done or not', () => {
  const lost = (operation: Entry['operation']) =>
    usual.map((entry) => (entry.operation === operation ? { ...entry, outcome: 'unknown' as const } : entry));

  expect(violations(lost('revoke'))).toEqual([]);
  expect(violations(lost('revoke'), { ...tokenAs(revoked, { status: 'pending' }), seals: soundSeals })).toEqual([
    expect.stringContaining('has 1 events actor_token.revoked, and not 0'),
  ]);
  expect(violations(lost('end'))).toEqual([]);
  expect(violations(lost('ban'))).toEqual([]);
  expect([500, 503, 429, undefined].map(outcomeOf)).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
  expect([200, 201, 400, 401, 404].map(outcomeOf)).toEqual([
    'acknowledged',
    'acknowledged',
    'refused',
    'refused',
    'refused',
  ]);
});

describe('an acknowledged change that is lost is found', () => {
  test.each<[string, Partial<FinalState>, string]>([
    ['an actor token', { tokens: stored.tokens.slice(1) }, `${pending} is lost, or has another user.`],
    ['a revocation', tokenAs(revoked, { status: 'pending' }), `${revoked} is pending.`],
    ['a session', { sessions: [] }, `${session} is lost.`],
    ['the redemption of a token', tokenAs(redeemed, { status: 'pending' }), 'do not belong together'],
    ['a redemption by another browser', tokenAs(redeemed, { client_id: 'client_x' }), 'do not belong together'],
    [
      'the end of a session',
      { sessions: stored.sessions.map(({ end_status: _, ...each }) => each) },
      `${session} has no end.`,
    ],
    ['a user', { users: stored.users.slice(1) }, `${user} is lost.`],
    ['a name', userAs(user, { first_name: 'Eve' }), `${user} has another name than Ada.`],
    ['a ban', userAs(other, { banned: false }), `${other}: the last ban is lost.`],
    ['a lift', { blocks: [{ id: block, identifier: actor, blocked_at: 1 }] }, `${actor}: the last lift is lost.`],
    ['a seal', { seals: soundSeals.slice(0, 1) }, 'seals/000000000002 is gone or was replaced.'],
    ['an event', { seals: soundSeals.slice(0, 2) }, `${session} has 0 events session.ended, and not 1.`],
  ])('%s', (_case, state, sentence) => {
    expect(violations(usual, state)).toContainEqual(expect.stringContaining(sentence));
  });

  test('a deletion', () => {
    expect(violations([...usual, { operation: 'deleteUser', user }])).toContain(`${user} was deleted, and is stored.`);
  });
});

test('a record that violates an invariant is found', () => {
  const second = {
    table: 'Sessions',
    item: { ...records[1]?.item, id: siblingId('sess', pending ?? 'act_') },
  } as const;

  expect(violations(usual, { records: [...records, second] })).toContainEqual(
    expect.stringContaining('A ticket gives at most one session.'),
  );
});

describe('a second use is found', () => {
  test('a second acknowledged redemption', () => {
    expect(violations([...usual, { ...redemption, browser: 'B' }])).toContain(`${redeemed} was redeemed 2 times.`);
  });

  test('a redemption of a revoked token', () => {
    expect(violations([...usual, { operation: 'revoke', token: redeemed }])).toContain(
      `${redeemed} was redeemed and revoked.`,
    );
  });

  test('a second session of a token', () => {
    const second = stored.sessions.map((each) => ({ ...each, id: `${each.id}2` }));

    expect(violations(usual, { sessions: [...stored.sessions, ...second] })).toContain(`${redeemed} has 2 sessions.`);
  });

  test('a refusal that is not true', () => {
    const refusal = { operation: 'redeem', token: pending, outcome: 'refused' } as const;

    expect(violations([...usual, { ...refusal, code: 'actor_token_already_used_code' }])).toContain(
      `${pending} is pending, and was refused with actor_token_already_used_code.`,
    );
  });
});

describe('a session token after its right has ended is found', () => {
  test.each<[string, readonly Partial<Entry>[]]>([
    ['an end', [end]],
    ['a ban', [{ operation: 'ban', user }]],
    [
      'a ban that was lifted since',
      [
        { operation: 'ban', user },
        { operation: 'unban', user },
      ],
    ],
    ['a block', [{ operation: 'block', actor }]],
    [
      'a block that was lifted since',
      [
        { operation: 'block', actor },
        { operation: 'lift', actor },
      ],
    ],
    ['the deletion of the user', [{ operation: 'deleteUser', user }]],
    [
      'another sign-in of the browser',
      [{ operation: 'redeem', token: pending, browser: 'A', earlierSession: session }],
    ],
  ])('%s', (_case, ends) => {
    const begun = usual.filter(
      ({ operation, outcome }) =>
        operation !== 'end' && operation !== 'block' && operation !== 'lift' && outcome !== 'refused',
    );

    expect(violations([...begun, ...ends, mint])).toContainEqual(expect.stringMatching(/^mint of sess_.*after/));
    expect(violations([...begun, ...ends, { operation: 'read', session, isActive: true }])).toContainEqual(
      expect.stringMatching(/^sess_.*: begun \d+ ms after/),
    );
    expect(violations([...begun, mint, ...ends])).not.toContainEqual(expect.stringMatching(/^mint of/));
  });

  test('no request that began before the answer is taken for one', () => {
    const overlapping = timed([...usual, mint]).map((entry, index) =>
      index === usual.length ? { ...entry, begun: 1105, answered: 5000 } : entry,
    );

    expect(check(overlapping, stored).flatMap((each) => each.violations)).toEqual([]);
  });

  test('a sign-in while the user is banned', () => {
    const ban = { operation: 'ban', user } as const;

    expect(violations([...usual.slice(0, 4), ban, ...usual.slice(4)])).toContainEqual(
      expect.stringMatching(/^redeem of act_.*after "ban of/),
    );
  });
});

test('a session token with another user, a longer life or no valid signature is found', () => {
  const instead = (changed: Entry['minted']) =>
    violations(
      usual.map((entry) => (entry.operation === 'mint' && entry.minted ? { ...entry, minted: changed } : entry)),
    );

  expect(instead({ ...minted, user: other })).toContainEqual(expect.stringContaining(`names ${session}, ${other}`));
  expect(instead({ ...minted, lifeInSeconds: 61 })).toHaveLength(1);
  expect(instead('forged')).toEqual([`A token of ${session} has no valid signature.`]);
});

test('a live session that loses its right is found', () => {
  expect(violations(without('end'))).toContainEqual(
    expect.stringMatching(/^sess_\w+ was refused with authentication_invalid/),
  );
});

describe('a change that nobody asked for is found', () => {
  test.each(['end', 'redeem', 'revoke'] as const)('%s', (operation) => {
    // A block could have ended the session.
    const asked = without(operation).filter((entry) => entry.operation !== 'block');

    expect(violations(asked)).toContainEqual(expect.stringMatching(/and nobody ended it|by nobody/));
  });

  test('a second actor token of one creation', () => {
    const more = { ...stored.tokens[0], id: derivedId('act', 'more'), status: 'pending', user_id: user } as const;

    expect(violations(usual, { tokens: [...stored.tokens, more] })).toContain(
      '1 actor tokens are stored that no answer named, after 0 lost answers.',
    );
  });
});

describe('a broken log is found', () => {
  test.each<[string, (text: string, seq: number) => string, RegExp]>([
    [
      'a changed line',
      (text, seq) => (seq === 2 ? text.replace('session.created', 'session.removed') : text),
      /^seals\/000000000002 was changed in event/,
    ],
    [
      'a line that was cut off',
      (text, seq) => (seq === 3 ? text.split('\n').slice(0, 2).join('\n') : text),
      /^seals\/000000000003/,
    ],
    ['a seal in the place of another', (text, seq) => (seq === 2 ? sealText(3, null, []) : text), /is the seal 3/],
    [
      'a seal that follows no other',
      (text, seq) => (seq === 2 ? sealText(2, 'x', batches[1] ?? []) : text),
      /does not follow/,
    ],
  ])('%s', async (_case, change, sentence) => {
    expect(violations(usual, { seals: await sealed(batches, change) })).toContainEqual(expect.stringMatching(sentence));
  });

  test('an event that is sealed twice, and a change past the product', async () => {
    const record = { table: 'Sessions', id: session } as const;
    const strange = event('audit.record_changed', session, { record, changed: ['actor'] });
    const seals = await sealed([...batches, [ofSession('session.ended'), strange]]);

    expect(violations(usual, { seals })).toEqual(
      expect.arrayContaining([
        expect.stringContaining('has 2 events session.ended'),
        expect.stringMatching(/is in the log 2 times/),
        `${session} was changed past the product.`,
      ]),
    );
  });

  test('a fault that verify finds', () => {
    expect(violations(usual, { verifyFaults: ['x is missing'] })).toEqual(['x is missing']);
  });
});

describe('memory', () => {
  const samples = (grows: number, life = 1): readonly Sample[] =>
    Array.from({ length: 240 }, (_, seconds) => ({
      process: 'runtime',
      life,
      seconds,
      // A saw-tooth, as of a collector of garbage.
      megabytes: 500 + (seconds % 10) + (seconds / 60) * grows,
    }));

  const violationsOf = (all: readonly Sample[]) => checkMemory(livesOf(all, 1)).flatMap((each) => each.violations);

  test('that is flat but for collections of garbage passes, and memory that grows does not', () => {
    expect(slopeOf(samples(30))).toBeCloseTo(30, 0);
    expect(checkMemory(livesOf(samples(0), 1))).toMatchObject([
      { cases: 1, violations: [] },
      { cases: 1, violations: [] },
    ]);
    expect(violationsOf([...samples(60)])).toEqual([
      expect.stringMatching(/^The runtime grows by [56]\d\.\d MB a minute in life 1\.$/),
    ]);
  });

  test('of a life that is larger than the uninterrupted one is found, and a short life is not judged by its slope', () => {
    const short = samples(0, 2).map((sample) => ({ ...sample, megabytes: sample.megabytes + 200 }));

    expect(violationsOf([...samples(0), ...short])).toEqual(['The runtime needs 709 MB in life 2.']);
    expect(violationsOf([...samples(0), ...samples(60, 2).slice(0, 60)])).toEqual([]);
  });

  test('is drawn with a line for each life and for each kill', () => {
    const kills = [{ seconds: 100, names: ['runtime'] }] as const;
    const svg = plotOf({ title: 'Memory', samples: [...samples(0), ...samples(0, 2)], kills });

    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(svg.match(/class="kill"/g)).toHaveLength(2);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });
});
