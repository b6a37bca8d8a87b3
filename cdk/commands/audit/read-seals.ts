// Reads the seals of the log, several at a time, in their order.
import { type Fault, type Seal, sealFrom } from '../../../shared/audit/seal.ts';
import { findHead, getSeal } from '../../../shared/audit/seal-store.ts';
import type { Instance } from '../../../shared/base/instance.ts';
import type { PublicKey } from '../../../shared/signing/public-key.ts';
import { auditKeysOf } from '../../../shared/signing/signing-keys.ts';
import { answerOfAws } from '../error-sentence.ts';
import { CommandError } from '../errors.ts';
import { capitalize } from '../output.ts';
import type { Target } from '../target.ts';

const AT_ONCE = 16;

/** The log of an instance, opened for reading. */
export interface OpenLog {
  readonly instance: Instance;
  readonly keys: readonly PublicKey[];
  /** The number of the last seal; 0 for a log without any. */
  readonly head: number;
}

/**
 * Opens the log.
 *
 * @throws CommandError where the audit is off, and when KMS or S3 do not answer
 */
export async function openLog({ name, instance }: Target): Promise<OpenLog> {
  if (!instance.audit) throw new CommandError(`${capitalize(name)} has no log: set "audit" to "on", and deploy.`);
  const keys = await answerOfAws('KMS', auditKeysOf(instance).all());
  return { instance, keys, head: await answerOfAws('S3', findHead(instance)) };
}

/** A number of the log, with the seal that was found there, or what is wrong. */
export interface Found {
  readonly seq: number;
  readonly seal: Seal | Fault;
}

async function find({ instance, keys }: OpenLog, seq: number): Promise<Found> {
  const stored = await answerOfAws('S3', getSeal(instance, seq));
  return { seq, seal: stored ? await sealFrom(stored.text, keys) : { fault: 'is missing' } };
}

/** The seals with these numbers, in this order. */
async function* findAll(log: OpenLog, numbers: readonly number[]): AsyncGenerator<Found> {
  for (let first = 0; first < numbers.length; first += AT_ONCE)
    yield* await Promise.all(numbers.slice(first, first + AT_ONCE).map((seq) => find(log, seq)));
}

/** The seals from a number on, upwards. */
export function sealsUpwards(log: OpenLog, from: number): AsyncGenerator<Found> {
  return findAll(
    log,
    Array.from({ length: Math.max(0, log.head - from + 1) }, (_, index) => from + index),
  );
}

/** All seals, the latest first. */
export function sealsDownwards(log: OpenLog): AsyncGenerator<Found> {
  return findAll(
    log,
    Array.from({ length: log.head }, (_, index) => log.head - index),
  );
}
