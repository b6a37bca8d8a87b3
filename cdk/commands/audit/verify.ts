import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { type AuditedTable, auditedTableNames, auditedTables } from '../../../shared/audit/audited-tables.ts';
import type { AuditEvent } from '../../../shared/audit/event.ts';
import { faultOfLink, type Seal, sealKey } from '../../../shared/audit/seal.ts';
import type { Instance } from '../../../shared/base/instance.ts';
import { fromNumericDate } from '../../../shared/base/time.ts';
import type { Item } from '../../../shared/storage/item.ts';
import { scanTable } from '../../../shared/storage/read.ts';
import { readOptions } from '../arguments.ts';
import { UsageError } from '../errors.ts';
import { formatCount } from '../format-count.ts';
import { formatTime } from '../format-time.ts';
import { capitalize, printLine, printMessage } from '../output.ts';
import { showProgress } from '../progress.ts';
import { findTarget, type Target, targetOptions } from '../target.ts';
import {
  addEvent,
  type Comparison,
  type Difference,
  differenceOf,
  differenceOfMissing,
  type LoggedRecords,
} from './compare.ts';
import { type OpenLog, openLog, sealsUpwards } from './read-seals.ts';

const options = {
  ...targetOptions,
  json: { type: 'boolean' },
  from: { type: 'string' },
  witness: { type: 'string' },
  'chain-only': { type: 'boolean' },
} as const;

/** A change is sealed within seconds. While it is not, the record differs from the log. */
const ROUNDS = 8;
const PAUSE_IN_MS = 4000;

/** A seal that somebody kept: the chain must still have it. */
interface Witness {
  readonly seq: number;
  readonly hash: string;
}

/** @throws UsageError */
function witnessFrom(text: string | undefined): Witness | undefined {
  if (text === undefined) return undefined;
  const [, seq, hash] = /^([1-9]\d{0,11}):([\w-]{43})$/.exec(text) ?? [];
  if (seq !== undefined && hash !== undefined) return { seq: Number(seq), hash };
  throw new UsageError(
    '--witness is not a seal: write its number and its hash, such as 124:4y9LPQ…, as verify prints them.',
  );
}

const firstSeal = v.pipe(v.string(), v.regex(/^[1-9]\d{0,11}$/), v.transform(Number));

/** @throws UsageError */
function firstFrom(text: string | undefined): number {
  if (text === undefined) return 1;
  const result = v.safeParse(firstSeal, text);
  if (result.success) return result.output;
  throw new UsageError('--from is not the number of a seal: write one such as 100.');
}

/** The state of a walk along the chain. */
interface Walk {
  /** The last seal that is in its place. */
  last: Seal | undefined;
  begin: Seal['iat'];
  readonly records: LoggedRecords;
  /** Changes of the record that are no transition of the product. */
  readonly changed: AuditEvent[];
  count: number;
}

function endOf({ head }: OpenLog): string {
  return `the log ends after ${formatCount(head, 'seal')}`;
}

/** Walks along the chain. Returns the first fault; undefined when there is none. */
async function walkChain(
  log: OpenLog,
  from: number,
  walk: Walk,
  witness: Witness | undefined,
): Promise<string | undefined> {
  const { instance, head } = log;
  const progress = showProgress(() => `verified ${formatCount(walk.last?.seq ?? 0, 'seal')} of ${head}`);
  try {
    for await (const { seq, seal } of sealsUpwards(log, from)) {
      const name = sealKey(seq);
      if ('fault' in seal) return `${name} ${seal.fault}`;
      const prev = walk.last ? walk.last.hash : seq === 1 ? null : seal.prev;
      const fault = faultOfLink(seal, { seq, prev, instanceId: instance.id });
      if (fault) return `${name} ${fault}`;
      if (witness?.seq === seq && witness.hash !== seal.hash)
        return `${name} is not the seal of --witness: it was replaced`;
      if (!walk.last) walk.begin = seal.iat;
      walk.last = seal;
      walk.count += seal.count;
      for (const event of seal.events) {
        addEvent(walk.records, event);
        if (event.type === 'audit.record_changed') walk.changed.push(event);
      }
    }
  } finally {
    progress.stop();
  }
  const isCutOff = witness !== undefined && witness.seq > head;
  return isCutOff ? `${endOf(log)}, before the seal of --witness: it was cut off` : undefined;
}

async function itemsOf(instance: Instance): Promise<readonly (readonly [AuditedTable, Item])[]> {
  const found: (readonly [AuditedTable, Item])[] = [];
  const names = auditedTableNames(instance);
  for (const table of auditedTables)
    for await (const item of scanTable(instance, names[table])) found.push([table, item]);
  return found;
}

interface Compared {
  readonly differences: readonly Difference[];
  /** The number of records of which the log has no event, because they are older than the log. */
  readonly unknown: number;
}

/** Compares the tables as they are now with what was read of the log. */
async function compare(comparison: Comparison): Promise<Compared> {
  const items = await itemsOf(comparison.instance);
  const ids = new Set(items.map(([, { id }]) => String(id)));
  const missing = [...comparison.records].filter(([id]) => !ids.has(id));
  return {
    differences: [
      ...items.flatMap(([table, item]) => differenceOf(table, item, comparison) ?? []),
      ...missing.flatMap(([id, record]) => differenceOfMissing(id, record, comparison) ?? []),
    ],
    unknown: [...ids].filter((id) => !comparison.records.has(id)).length,
  };
}

const keyOf = ({ table, id }: Difference) => `${table} ${id}`;

/**
 * Resolves to the differences that last, or to the fault of the chain that was found meanwhile. While the product is in use, a change of the
 * last seconds is not sealed yet, and one that is sealed may not have been read: the log is read on and the tables again, until nothing
 * differs or half a minute is over.
 */
async function lastingDifferences(target: Target, walk: Walk): Promise<Compared | string> {
  const { instance, now } = target;
  let earlier: ReadonlySet<string> | undefined;
  for (let round = 1; ; round += 1) {
    const begin = fromNumericDate(walk.begin);
    const { differences, unknown } = await compare({ instance, records: walk.records, begin, now: now() });
    const lasting = differences.filter((difference) => earlier?.has(keyOf(difference)) ?? true);
    // The log itself says that these were changed, so they need no second look.
    const known = new Set(walk.changed.map(({ record }) => record?.id));
    if (round === ROUNDS || lasting.every(({ id }) => known.has(id))) return { differences: lasting, unknown };
    if (round === 1) printMessage('Some records differ from the log. Waiting for changes that are not sealed yet …');
    await sleep(PAUSE_IN_MS);
    const log = await openLog(target);
    const fault = await walkChain(log, (walk.last?.seq ?? 0) + 1, walk, undefined);
    if (fault) return fault;
    earlier = new Set(lasting.map(keyOf));
  }
}

function report(
  target: Target,
  walk: Walk,
  { json, compared }: { readonly json: boolean; readonly compared: Compared | undefined },
): void {
  const { last, count, changed, records } = walk;
  const unknown = compared?.unknown ?? 0;
  const summary = {
    seals: last?.seq ?? 0,
    events: count,
    records: records.size,
    changed: changed.length,
    unknown,
    witness: last && `${last.seq}:${last.hash}`,
  };
  if (json) {
    printLine(JSON.stringify({ ok: true, ...summary }));
    return;
  }
  for (const { at, record, changed: names = [] } of changed)
    printMessage(
      `${record?.id} was changed past the product at ${formatTime(at)}: ${names.join(', ') || 'created or deleted'}.`,
    );
  if (unknown > 0)
    printMessage(`${formatCount(unknown, 'record')} of the tables are older than the log, which does not prove them.`);
  printLine(
    `${capitalize(target.name)}: ${formatCount(summary.seals, 'seal')}, ${formatCount(count, 'event')}, ` +
      `${formatCount(summary.records, 'record')}: the chain is whole${compared ? ', and the record agrees with it' : ''}.`,
  );
  if (summary.witness) printLine(`Keep this, to prove later that nothing was cut off: --witness ${summary.witness}`);
}

function fail(faults: readonly string[], json: boolean): number {
  if (json) printLine(JSON.stringify({ ok: false, faults }));
  else for (const fault of faults) printLine(`${fault}.`);
  return 1;
}

/** Walks the whole chain, and compares the record with it. Prints the first fault of the chain, or all records that differ. */
export async function verify(args: readonly string[]): Promise<number> {
  const values = readOptions(args, options);
  const { json = false } = values;
  const from = firstFrom(values.from);
  const witness = witnessFrom(values.witness);
  if (witness !== undefined && witness.seq < from)
    throw new UsageError('--from is a seal after that of --witness, which would not be read: choose an earlier one.');
  const target = await findTarget(values);
  const log = await openLog(target);
  if (from > 1 && from > log.head) return fail([`${endOf(log)}, before the seal of --from`], json);
  const walk: Walk = { last: undefined, begin: 0, records: new Map(), changed: [], count: 0 };
  const fault = await walkChain(log, from, walk, witness);
  if (fault) return fail([fault], json);
  // A part of the chain does not have the whole story of each record.
  const isWhole = !values['chain-only'] && from === 1;
  const compared = isWhole ? await lastingDifferences(target, walk) : undefined;
  if (typeof compared === 'string') return fail([compared], json);
  if (compared && compared.differences.length > 0)
    return fail(
      compared.differences.map(({ table, id, what }) => `${id} in ${table} ${what}`),
      json,
    );
  report(target, walk, { json, compared });
  return 0;
}
