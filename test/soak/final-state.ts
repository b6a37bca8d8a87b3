// Reads, without the API, all that the product has stored: its tables and its seals.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { type Found, openLog, sealsDownwards, sealsUpwards } from '../../cdk/commands/audit/read-seals.ts';
import { findTarget, type Target } from '../../cdk/commands/target.ts';
import { project } from '../../cdk/project.ts';
import type { Instance } from '../../shared/base/instance.ts';
import type { Item } from '../../shared/storage/item.ts';
import { scanTable } from '../../shared/storage/read.ts';

const tokenSchema = v.object({
  id: v.string(),
  status: v.picklist(['pending', 'accepted', 'revoked', 'refused']),
  user_id: v.string(),
  session_id: v.optional(v.string()),
  client_id: v.optional(v.string()),
});
const sessionSchema = v.object({
  id: v.string(),
  actor_token_id: v.string(),
  client_id: v.string(),
  user_id: v.string(),
  end_status: v.optional(v.string()),
});
const userSchema = v.object({ id: v.string(), first_name: v.nullable(v.string()), banned: v.boolean() });
const blockSchema = v.object({
  id: v.string(),
  identifier: v.string(),
  blocked_at: v.number(),
  lifted_at: v.optional(v.number()),
});

/** A seal by its number and its hash. */
export interface Witness {
  readonly seq: number;
  readonly hash: string;
}

/** An item, and the table that it is in. */
export interface StoredRecord {
  readonly table: 'ActorTokens' | 'Sessions' | 'Clients';
  readonly item: Item;
}

/** All that a stopped load left behind. */
export interface FinalState {
  readonly instanceId: Instance['id'];
  readonly tokens: readonly v.InferOutput<typeof tokenSchema>[];
  readonly sessions: readonly v.InferOutput<typeof sessionSchema>[];
  readonly users: readonly v.InferOutput<typeof userSchema>[];
  readonly blocks: readonly v.InferOutput<typeof blockSchema>[];
  /** The time at which the records were read. */
  readonly stoppedAt: number;
  /** The tokens, the sessions and the clients, with all their attributes. */
  readonly records: readonly StoredRecord[];
  readonly seals: readonly Found[];
  /** Seals that were the last one of the log at earlier times. */
  readonly witnesses: readonly Witness[];
  /** The sentences of `npm run audit -- verify` about what is wrong. */
  readonly verifyFaults: readonly string[];
}

const verified = v.variant('ok', [
  v.object({ ok: v.literal(true), changed: v.number() }),
  v.object({ ok: v.literal(false), faults: v.array(v.string()) }),
]);

/** Runs the command of an administrator, which waits for changes that are not sealed yet. */
function verify(dir: string): readonly string[] {
  const command = fileURLToPath(new URL('../../cdk/commands/audit.ts', import.meta.url));
  const args = [command, 'verify', '--local', '--dir', dir, '--json'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), verified), stdout);
  if (!result.success) return [`The command does not answer: ${stderr.trim()}`];
  if (!result.output.ok) return result.output.faults;
  return result.output.changed === 0 ? [] : [`${result.output.changed} records were changed past the product`];
}

async function rowsOf<Schema extends v.GenericSchema<unknown, unknown>>(
  { instance }: Target,
  table: string,
  schema: Schema,
  isRow: (item: Item) => boolean = () => true,
): Promise<v.InferOutput<Schema>[]> {
  const rows: v.InferOutput<Schema>[] = [];
  for await (const item of scanTable(instance, table)) if (isRow(item)) rows.push(v.parse(schema, item));
  return rows;
}

async function recordsOf({ instance }: Target): Promise<readonly StoredRecord[]> {
  const { actorTokens, sessions, clients } = instance.tables;
  const names = { ActorTokens: actorTokens, Sessions: sessions, Clients: clients } as const;
  const records: StoredRecord[] = [];
  for (const table of ['ActorTokens', 'Sessions', 'Clients'] as const)
    for await (const item of scanTable(instance, names[table])) records.push({ table, item });
  return records;
}

/** Returns the last seal of the log of a run; undefined when there is none. */
export async function lastSeal(dir: string): Promise<Witness | undefined> {
  const log = await openLog(await findTarget({ local: true, dir }));
  for await (const { seq, seal } of sealsDownwards(log)) return 'fault' in seal ? undefined : { seq, hash: seal.hash };
  return undefined;
}

/** Reads the final state of a run in a directory. */
export async function readFinalState(dir: string, witnesses: readonly Witness[]): Promise<FinalState> {
  // Afterwards every change is sealed.
  const verifyFaults = verify(dir);
  const target = await findTarget({ local: true, dir });
  const { tables, id } = target.instance;
  const seals: Found[] = [];
  for await (const found of sealsUpwards(await openLog(target), 1)) seals.push(found);
  const records = await recordsOf(target);
  const itemsIn = (table: StoredRecord['table']) =>
    records.flatMap((each) => (each.table === table ? [each.item] : []));
  return {
    instanceId: id,
    tokens: itemsIn('ActorTokens').map((item) => v.parse(tokenSchema, item)),
    sessions: itemsIn('Sessions').map((item) => v.parse(sessionSchema, item)),
    // Beside the users, their table has the entries by which they are found.
    users: await rowsOf(target, tables.users, userSchema, ({ id }) => String(id).startsWith('user_')),
    blocks: await rowsOf(target, tables.blocklist, blockSchema),
    stoppedAt: Date.now(),
    records,
    seals,
    witnesses,
    verifyFaults,
  };
}
