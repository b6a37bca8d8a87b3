/**
 * Visits every state that the protocol can reach within a scope, breadth first, and evaluates the invariants after every step. So the
 * history that leads to a violation is a shortest one.
 */
import { type Change, type Step, violatedBy } from '../invariants.ts';
import { brokenPromise } from './heard.ts';
import type { Weakness } from './product.ts';
import { itemOf, type Place, places, type Records } from './records.ts';
import { initialState, type Scope, type State, type Successor, successorsOf, toleranceOf } from './steps.ts';

const tables = [
  ['ActorTokens', 'tokens', [0, 1]],
  ['Sessions', 'sessions', [0, 1]],
  ['Clients', 'clients', [0, 1, 2]],
] as const;

function changesBetween(before: Records, now: Records): readonly Change[] {
  return tables.flatMap(([table, name, numbers]) =>
    numbers
      .filter((number) => before[name][number] !== now[name][number])
      .map((number) => ({
        table,
        before: itemOf[table](before, number as Place),
        after: itemOf[table](now, number as Place),
      })),
  );
}

const numberIn = (id: string) => Number(id.at(-1)) as Place;

/** The step as the invariants judge it. */
function stepOf(before: State, { state, signedIn, minted }: Successor, scope: Scope): Step {
  const { records, heard } = state;
  const sessions = places.flatMap((place) => itemOf.Sessions(records, place) ?? []);
  const wasUsed = signedIn !== undefined && before.heard.used[signedIn];
  return {
    changes: before.records === records ? [] : changesBetween(before.records, records),
    minted: minted ? [minted] : [],
    signIns: signedIn === undefined ? [] : [{ actorTokenId: `act_${signedIn}`, isFirst: !wasUsed }],
    brokenPromise: brokenPromise(heard, records),
    itemOf: (table, id) => itemOf[table as keyof typeof itemOf](records, numberIn(id)),
    userOf: () => itemOf.Users(records),
    sessionsOf: (clientId) => sessions.filter(({ client_id }) => client_id === clientId),
    now: state.time * 1000,
    tolerance: toleranceOf(scope) * 1000,
  };
}

/** Gives each value of a part of the state a short text. Parts are immutable and mostly kept, so most are found by their identity. */
class Names {
  readonly #byIdentity = new WeakMap<object, string>();
  readonly #byContent = new Map<string, string>();

  of(part: object | undefined): string {
    if (part === undefined) return '\0';
    const known = this.#byIdentity.get(part);
    if (known !== undefined) return known;
    const content = JSON.stringify(part);
    const name = this.#byContent.get(content) ?? String.fromCodePoint(0x10000 + this.#byContent.size);
    this.#byContent.set(content, name);
    this.#byIdentity.set(part, name);
    return name;
  }
}

/** A text that two states share exactly when they are the same, or differ only in which of the workers serves which request. */
function keyOf(state: State, names: Names, { skews }: Scope): string {
  const { records, browsers, copies, heard, time, begun, faults, pauses, generation, hadAccident } = state;
  const workers = state.workers.map((worker) => names.of(worker));
  return [
    ...Object.values(records).map((part) => names.of(part)),
    names.of(browsers),
    ...(skews ? workers : workers.sort()),
    names.of(copies),
    names.of(heard),
    String.fromCharCode(time, begun, faults, pauses, generation, Number(hadAccident)),
  ].join('');
}

/** The step by which a state was reached first, without the state, because there are millions of them. */
interface Origin {
  readonly from: Origin | undefined;
  readonly label: string;
}

interface Reached {
  readonly state: State;
  readonly origin: Origin | undefined;
}

function historyOf(last: Origin): readonly string[] {
  const lines: string[] = [];
  for (let each: Origin | undefined = last; each; each = each.from) lines.unshift(each.label);
  return lines;
}

/** The outcome of an exploration. */
export interface Explored {
  readonly states: number;
  readonly steps: number;
  /** The first violated invariant, with a shortest history that leads to it. */
  readonly violation: { readonly invariant: string; readonly history: readonly string[] } | undefined;
}

/**
 * Explores a scope until every state is visited, or an invariant is violated.
 *
 * @param weakness what the protocol does without; nothing by default
 */
export function explore(scope: Scope, weakness?: Weakness): Explored {
  const lacks = (each: Weakness) => each === weakness;
  const names = new Names();
  const first: Reached = { state: initialState(scope), origin: undefined };
  const seen = new Set([keyOf(first.state, names, scope)]);
  let steps = 0;
  for (let level = [first]; level.length > 0; ) {
    const next: Reached[] = [];
    for (const reached of level)
      for (const successor of successorsOf(reached.state, scope, lacks)) {
        steps += 1;
        const { state, label, isAccident = false } = successor;
        const invariant = isAccident ? undefined : violatedBy(stepOf(reached.state, successor, scope));
        const origin = { from: reached.origin, label };
        if (invariant) return { states: seen.size, steps, violation: { invariant, history: historyOf(origin) } };
        const key = keyOf(state, names, scope);
        if (seen.has(key)) continue;
        seen.add(key);
        next.push({ state, origin });
      }
    level = next;
  }
  return { states: seen.size, steps, violation: undefined };
}
