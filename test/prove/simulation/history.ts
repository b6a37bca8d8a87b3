/** A history: the steps of several workers, the faults of their calls to AWS, and the seed of everything that is left to chance. */
import { type Fault, type FaultKind, faultKinds } from './faults.ts';
import type { OperationName } from './operations.ts';
import { drawsOf } from './random.ts';

/** The policies that a deployment can have: none, one that allows everything, and one that denies users with the role admin. */
export const policyNames = ['none', 'all', 'never-staff'] as const;
export type PolicyName = (typeof policyNames)[number];

/** One request of a worker. A worker sends its requests one after the other. */
export interface Step {
  /** The number of the step, by which faults name it. It stays when other steps are removed. */
  readonly id: number;
  readonly worker: number;
  /** The milliseconds from the answer before, or from the start, until it is sent. */
  readonly after: number;
  readonly does: OperationName | 'revokeKey' | `deploy ${PolicyName}`;
  readonly browser: number;
  /** The number of an actor token, or the one with which this browser signed in. */
  readonly token: number | 'own';
  readonly user: number;
  readonly actor: number;
}

export interface History {
  readonly seed: number;
  readonly policy: PolicyName;
  /** The error of each worker's clock, in milliseconds. */
  readonly skews: readonly number[];
  readonly steps: readonly Step[];
  readonly faults: readonly Fault[];
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** The requests, as often as they are sent in proportion. */
const WEIGHTS: Readonly<Record<Step['does'], number>> = {
  create: 2,
  revoke: 3,
  redeem: 12,
  accept: 2,
  mint: 9,
  touch: 4,
  end: 2,
  remove: 1,
  signOut: 2,
  show: 3,
  handshake: 3,
  endByServer: 2,
  mintByServer: 2,
  read: 1,
  list: 1,
  ban: 3,
  unban: 2,
  deleteUser: 1,
  promote: 2,
  demote: 1,
  block: 3,
  lift: 3,
  revokeKey: 1,
  'deploy none': 1,
  'deploy all': 1,
  'deploy never-staff': 1,
};

type Draw = (name: string) => number;

function chosen<Value>(values: readonly Value[], drawn: number): Value {
  const value = values[Math.floor(drawn * values.length)];
  if (value === undefined) throw new Error('There is nothing to choose from.');
  return value;
}

/** Mostly at once, sometimes seconds later, and rarely after one of the limits of tickets and sessions. */
function pause(drawn: number, kind: number): number {
  if (kind < 0.75) return drawn * 400;
  if (kind < 0.94) return drawn * 5 * SECOND;
  return chosen([61 * SECOND, 5 * MINUTE, 10 * MINUTE, 16 * MINUTE, 31 * MINUTE], drawn);
}

/** Requests that are mostly about the session of their browser. */
const OF_SESSION: readonly Step['does'][] = ['mint', 'touch', 'end', 'remove', 'endByServer', 'mintByServer', 'read'];

/** The part of all histories in which a search looks. */
export interface Focus {
  /** The requests that are sent; by default all, each as often as usual. */
  readonly does?: readonly Step['does'][];
  readonly kinds?: readonly FaultKind[];
  readonly policy?: PolicyName;
  /** All are about one actor token, one user and one actor. */
  readonly isNarrow?: boolean;
}

const everything = (Object.entries(WEIGHTS) as [Step['does'], number][]).flatMap(([does, times]) =>
  Array.from({ length: times }, () => does),
);

function randomStep(
  id: number,
  { workers, does: choices }: { readonly workers: number; readonly does: readonly Step['does'][] },
  draw: Draw,
): Step {
  const number = (name: string, below: number) => Math.floor(draw(`${name} of ${id}`) * below);
  const does = id === 0 && choices.includes('redeem') ? 'redeem' : chosen(choices, draw(`does of ${id}`));
  const isAboutOwn = OF_SESSION.includes(does) && draw(`own of ${id}`) < 0.85;
  return {
    id,
    worker: number('worker', workers),
    after: id === 0 ? 0 : pause(draw(`pause of ${id}`), draw(`kind of pause of ${id}`)),
    does,
    browser: draw(`browser of ${id}`) < 0.7 ? 0 : 1,
    token: isAboutOwn ? 'own' : number('token', number('few tokens', 2) === 0 ? 2 : 5),
    user: number('user', 2),
    actor: number('actor', 2),
  };
}

/** A function makes at most this many calls when none of them fails. */
const MOST_CALLS = 8;

/** Mostly one fault, for one request or for as many as its sender repeats. A call that cannot have it does not get it. */
function randomFaults({ id }: Step, kinds: readonly FaultKind[], draw: Draw): readonly Fault[] {
  const number = Math.floor(draw(`faults of ${id}`) * 3);
  return Array.from({ length: number }, (_, index) => ({
    step: id,
    call: 1 + Math.floor(draw(`call ${index} of ${id}`) * MOST_CALLS),
    kind: chosen(kinds, draw(`fault ${index} of ${id}`)),
    times: chosen([1, 1, 2, 5], draw(`times ${index} of ${id}`)),
  }));
}

/** Makes the history of a seed. Half of all histories have faults. */
export function randomHistory(
  seed: number,
  { does = everything, kinds = faultKinds, policy, isNarrow = false }: Focus = {},
): History {
  const draw = drawsOf(seed);
  const workers = 2 + Math.floor(draw('workers') * 3);
  const length = 6 + Math.floor(draw('length') * 8);
  const isSkewed = draw('is skewed') < 0.3;
  const steps = Array.from({ length }, (_, id) => randomStep(id, { workers, does }, draw));
  return {
    seed,
    policy: policy ?? chosen(policyNames, draw('policy')),
    skews: Array.from({ length: workers }, (_, worker) =>
      isSkewed ? Math.round((draw(`skew of ${worker}`) - 0.5) * 4 * SECOND) : 0,
    ),
    steps: isNarrow ? steps.map((step) => ({ ...step, token: 0, user: 0, actor: 0 })) : steps,
    faults: draw('has faults') < 0.5 ? [] : steps.flatMap((step) => randomFaults(step, kinds, draw)),
  };
}

function describeStep({ id, worker, after, does, browser, token, user, actor }: Step): string {
  const wait = after >= SECOND ? ` after ${Math.round(after / SECOND)} s` : '';
  return `${id}. worker ${worker}${wait}: ${does} (browser ${browser}, token ${token}, user ${user}, actor ${actor})`;
}

/** Returns the history as lines for people. */
export function describeHistory({ seed, policy, skews, steps, faults }: History): readonly string[] {
  return [
    `seed ${seed}, policy ${policy}${skews.some((skew) => skew !== 0) ? `, clocks wrong by ${skews.join(', ')} ms` : ''}`,
    ...steps.map(describeStep),
    ...faults.map(({ step, call, kind, times }) => `fault: ${kind} at call ${call} of step ${step}, ${times} times`),
  ];
}
