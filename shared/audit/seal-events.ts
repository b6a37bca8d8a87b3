/**
 * Seals events and publishes them. The bucket decides the order: a seal is stored under its number only if there is none, and a sealer that
 * was too late reads the other seal and takes the next number. So any number of sealers can run at the same time.
 */
import { ApiError } from '../base/errors.ts';
import type { Instance } from '../base/instance.ts';
import { count } from '../base/metrics.ts';
import { type EpochMs, plusSeconds } from '../base/time.ts';
import { sign } from '../signing/sign.ts';
import { auditKeysOf } from '../signing/signing-keys.ts';
import type { AuditEvent } from './event.ts';
import { publishEvents } from './publish-events.ts';
import { hashOf, linkOf, unsignedSeal } from './seal.ts';
import { findHead, getSeal, putHint, putSeal, type StoredSeal } from './seal-store.ts';

/** How far the clocks of DynamoDB and S3 may differ. */
const CLOCK_MARGIN_IN_SECONDS = 60;

/** The numbers for which one call competes before it fails, and the stream delivers the records again. */
const ATTEMPTS = 25;

interface Batch {
  readonly events: readonly AuditEvent[];
  /** The time at which the oldest of the records was written. Nothing that was sealed before can be one of them. */
  readonly oldest: EpochMs;
  /** Stores a seal without events too, which shows that the log is not cut off before it. */
  readonly evenIfEmpty: boolean;
}

/** @throws Error for a number without a seal */
async function readSeal(instance: Instance, seq: number): Promise<StoredSeal> {
  const stored = await getSeal(instance, seq);
  if (stored) return stored;
  throw new Error(`The seal ${seq} is missing.`);
}

/** The hash of the last seal, and the ids of all events that were sealed since a time. */
async function readBack(instance: Instance, head: number, since: EpochMs) {
  const sealed = new Set<string>();
  let prev: string | null = null;
  for (let seq = head; seq > 0; seq -= 1) {
    const { text, storedAt } = await readSeal(instance, seq);
    const { hash, eventIds } = linkOf(text);
    prev ??= hash;
    if (storedAt < since) break;
    for (const id of eventIds) sealed.add(id);
  }
  return { prev, sealed };
}

/** Stores the events that are not sealed yet in one seal. Returns the seal; undefined when all of them are sealed. */
async function sealUnsealed({ events, oldest, evenIfEmpty }: Batch, instance: Instance, now: EpochMs) {
  let seq = await findHead(instance);
  const { sealed, ...last } = await readBack(instance, seq, plusSeconds(oldest, -CLOCK_MARGIN_IN_SECONDS));
  let { prev } = last;
  const key = await auditKeysOf(instance).signer();
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const unsealed = events.filter(({ id }) => !sealed.has(id));
    if (unsealed.length === 0 && !evenIfEmpty) return undefined;
    seq += 1;
    const content = { instanceId: instance.id, seq, prev, events: unsealed, now };
    const { signingInput, body } = unsignedSeal(content, key);
    const jws = await sign(instance, signingInput, key);
    if (await putSeal(instance, seq, `${jws}\n${body}`)) return { seq, count: unsealed.length, hash: hashOf(jws) };
    const { hash, eventIds } = linkOf((await readSeal(instance, seq)).text);
    for (const id of eventIds) sealed.add(id);
    prev = hash;
  }
  throw new ApiError('too_many_requests');
}

/**
 * Seals events, each once, and publishes them, each at least once. When it rejects, the same events have to be given again: those that
 * are sealed already are then only published.
 *
 * @throws Error when the bucket, the key or the bus does not take them
 */
export async function sealEvents(batch: Batch, instance: Instance, now: EpochMs): Promise<void> {
  const events = [...new Map(batch.events.map((event) => [event.id, event])).values()];
  if (events.length === 0 && !batch.evenIfEmpty) return;
  const sealed = await sealUnsealed({ ...batch, events }, instance, now);
  if (sealed) {
    count('Sealed');
    await putHint(instance, sealed.seq);
  }
  await publishEvents(instance, events, sealed);
}
