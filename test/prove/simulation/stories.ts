// Short histories that together contain every request and every race between two of them.
import type { History, PolicyName, Step } from './history.ts';

type Told = Partial<Step> & Pick<Step, 'does'>;

/** Makes a history of the steps of each worker. A step is about browser 0, token 0, user 0 and actor 0 unless it says otherwise. */
function story(workers: readonly (readonly Told[])[], policy: PolicyName = 'none'): History {
  const told = workers.flatMap((steps, worker) => steps.map((step) => ({ ...step, worker })));
  const usual = { after: 0, browser: 0, token: 0, user: 0, actor: 0 };
  return {
    seed: 1,
    policy,
    skews: workers.map(() => 0),
    steps: told.map((step, id) => ({ ...usual, ...step, id })),
    faults: [],
  };
}

const redeem = { does: 'redeem' } as const;
const mint = { does: 'mint' } as const;

/** The time after which the steps of all other workers are answered. */
const LATER = { after: 10_000 };

export const stories: Readonly<Record<string, History>> = {
  'two browsers redeem one ticket': story([
    [redeem, mint],
    [
      { ...redeem, browser: 1 },
      { ...mint, browser: 1 },
    ],
  ]),
  'one browser redeems two tickets': story([
    [redeem, { ...redeem, token: 1 }, { ...mint, token: 'own' }],
    [
      { ...redeem, token: 2, after: 400 },
      { does: 'show', ...LATER },
    ],
  ]),
  'a ticket is revoked while it is redeemed': story([
    [redeem, { ...redeem, ...LATER }],
    [{ does: 'revoke' }, { ...mint, ...LATER }],
  ]),
  'a created ticket is revoked or redeemed': story([
    [{ does: 'create' }, { does: 'accept', token: 4 }, { ...redeem, token: 4, ...LATER }],
    [{ does: 'revoke', token: 4, after: 400 }],
  ]),
  'a user is banned while a ticket is redeemed': story([
    [redeem, mint, { ...redeem, token: 2, ...LATER }],
    [{ does: 'ban' }, { does: 'unban', after: 3000 }, { does: 'read' }],
  ]),
  'an actor is blocked while a ticket is redeemed': story([
    [redeem, mint, { ...redeem, token: 1, ...LATER }],
    [{ does: 'block' }, { does: 'lift', after: 3000 }, { does: 'list' }],
  ]),
  'a user is promoted while a ticket is redeemed': story(
    [
      [redeem, mint],
      [{ does: 'promote' }, { does: 'demote', ...LATER }],
    ],
    'never-staff',
  ),
  'a user is deleted while a ticket is redeemed': story([
    [redeem, { does: 'handshake' }, mint, { ...redeem, token: 2, ...LATER }],
    [{ does: 'deleteUser' }, { does: 'promote', after: 3000 }, { does: 'handshake', ...LATER }],
  ]),
  'a session is ended while it is used': story([
    [redeem, { does: 'touch' }, mint, { does: 'end' }, { does: 'show' }],
    [{ does: 'mintByServer', after: 500 }, { does: 'signOut' }, { ...mint, ...LATER }],
  ]),
  'a session is ended by a server while it is used': story([
    [redeem, mint, { does: 'remove' }],
    [{ does: 'endByServer', after: 500 }, { does: 'mintByServer' }, { does: 'revokeKey' }],
  ]),
  'a user is changed by several': story([
    [{ does: 'ban' }, { does: 'unban' }, { does: 'promote' }],
    [{ does: 'demote' }, { does: 'ban' }, { ...redeem, ...LATER }],
  ]),
};

/** Each request alone, with the requests that show its effect, and two races about one ticket. */
export const requests: Readonly<Record<string, History>> = {
  create: story([[{ does: 'create' }]]),
  redeem: story([[redeem, { ...redeem, browser: 1, ...LATER }]]),
  revoke: story([[{ does: 'revoke' }, { ...redeem, ...LATER }]]),
  mint: story([[redeem, mint]]),
  ban: story([[{ does: 'ban' }, { ...redeem, ...LATER }]]),
  unban: story([[{ does: 'ban' }, { does: 'unban' }]]),
  block: story([[{ does: 'block' }, { ...redeem, ...LATER }]]),
  promote: story([[{ does: 'promote' }]]),
  deleteUser: story([[{ does: 'deleteUser' }, { ...redeem, ...LATER }]]),
  handshake: story([[redeem, { does: 'handshake' }]]),
  end: story([[redeem, { does: 'end' }]]),
  'revoke and redeem': story([[redeem], [{ does: 'revoke', after: 25 }]]),
  'redeem twice': story([[redeem], [{ ...redeem, browser: 1 }]]),
};
