/**
 * A seal: one object of the log. Its first line is a JWT that an audit key signed; each further line is an event. The JWT names the seal
 * before it by its hash, so that no seal can be changed, removed or put in another place unnoticed.
 *
 * Source of the form: RFC 7519 for the JWT; the chain of signed digests is that of AWS CloudTrail's log file integrity validation.
 */
import { createHash } from 'node:crypto';
import { base64url } from 'jose';
import * as v from 'valibot';
import { type Id, idSchema } from '../base/ids.ts';
import { type EpochMs, toNumericDate } from '../base/time.ts';
import type { PublicKey } from '../signing/public-key.ts';
import { signingInput } from '../signing/sign.ts';
import { verifiedPayload } from '../signing/verify.ts';
import { type AuditEvent, eventFrom, eventLine } from './event.ts';

/** Twelve digits, so that the keys sort by their number. */
const DIGITS = 12;

const number = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** The claims of a seal. */
const claims = v.object({
  /** The instance. */
  iid: idSchema('ins'),
  /** The number of the seal; the first is 1. */
  seq: number,
  /** SHA-256 of the JWT of the seal before it, in base64url; null in the first. */
  prev: v.nullable(v.string()),
  /** The number of events. */
  count: number,
  /** SHA-256 of all bytes after the first line, in base64url. */
  sha256: v.string(),
  /** The first nine bytes of the SHA-256 of each line, in base64url. They tell which line was changed. */
  lines: v.array(v.string()),
  iat: number,
});
export type SealClaims = v.InferOutput<typeof claims>;

/** A seal whose signature and events are sound. Whether it is in its place is for `faultOfLink`. */
export interface Seal extends SealClaims {
  /** SHA-256 of its JWT, in base64url: the `prev` of the next seal. */
  readonly hash: string;
  readonly events: readonly AuditEvent[];
}

/** The key of a seal in the bucket. */
export function sealKey(seq: number): string {
  return `seals/${String(seq).padStart(DIGITS, '0')}`;
}

function digest(text: string | Uint8Array): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The hash by which the next seal names a JWT. */
export function hashOf(jws: string): string {
  return digest(jws).toString('base64url');
}

function lineDigest(line: string): string {
  return digest(line).subarray(0, 9).toString('base64url');
}

interface Content {
  readonly instanceId: Id<'ins'>;
  readonly seq: number;
  readonly prev: string | null;
  readonly events: readonly AuditEvent[];
  readonly now: EpochMs;
}

/** A seal before it is signed. */
interface UnsignedSeal {
  readonly signingInput: string;
  /** The lines of the events, each with its end. */
  readonly body: string;
}

/** The header of a seal. Its type is no other token's, so a seal passes for none. */
function headerOf({ kid }: PublicKey) {
  return { alg: 'RS256', kid, typ: 'audit-seal+jwt' };
}

/** The seal of these events, to be signed by this key. */
export function unsignedSeal({ instanceId, seq, prev, events, now }: Content, key: PublicKey): UnsignedSeal {
  const lines = events.map(eventLine);
  const body = lines.map((line) => `${line}\n`).join('');
  const payload: SealClaims = {
    iid: instanceId,
    seq,
    prev,
    count: lines.length,
    sha256: digest(body).toString('base64url'),
    lines: lines.map(lineDigest),
    iat: toNumericDate(now),
  };
  return { signingInput: signingInput(headerOf(key), payload), body };
}

/** The parts of an object: its first line, and the lines of its events. */
function partsOf(object: string) {
  const end = object.indexOf('\n');
  const body = object.slice(end + 1);
  return { jws: object.slice(0, end), body, lines: body.split('\n').slice(0, -1) };
}

/**
 * The hash by which the next seal names an object, and the ids of its events. It judges nothing: an object that is not sound is found when the
 * chain is verified, and must not keep later events out of it.
 */
export function linkOf(object: string): { readonly hash: string; readonly eventIds: readonly string[] } {
  const { jws, lines } = partsOf(object);
  return { hash: hashOf(jws), eventIds: lines.flatMap((line) => eventFrom(line)?.id ?? []) };
}

/** A fault of a seal, as a sentence without its subject and its end. */
export type Fault = { readonly fault: string };

/** The position of a changed line: its number among the events, and the bytes of it in the object. */
function changedLine(head: string, lines: readonly string[], expected: readonly string[]): string {
  const index = lines.findIndex((line, at) => lineDigest(line) !== expected[at]);
  if (index === -1) return 'has fewer events than were signed, or other bytes between them';
  const first = [head, ...lines.slice(0, index)].reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  const last = first + Buffer.byteLength(lines[index] ?? '') - 1;
  return `was changed in event ${index + 1}, bytes ${first} to ${last}`;
}

async function claimsOf(jws: string, keys: readonly PublicKey[]): Promise<SealClaims | undefined> {
  for (const key of keys) {
    if (!jws.startsWith(`${base64url.encode(JSON.stringify(headerOf(key)))}.`)) continue;
    const payload = await verifiedPayload(jws, key);
    const parsed = payload && v.safeParse(v.pipe(v.string(), v.parseJson(), claims), Buffer.from(payload).toString());
    if (parsed?.success) return parsed.output;
  }
  return undefined;
}

/** The seal of an object, if one of these keys signed it and its events are those that were signed; else what is wrong with it. */
export async function sealFrom(object: string, keys: readonly PublicKey[]): Promise<Seal | Fault> {
  const { jws, body, lines } = partsOf(object);
  const signed = await claimsOf(jws, keys);
  if (!signed) return { fault: 'is not signed by an audit key of this stack, or its first line was changed' };
  if (digest(body).toString('base64url') !== signed.sha256) return { fault: changedLine(jws, lines, signed.lines) };
  const events = lines.map(eventFrom);
  const unreadable = events.indexOf(undefined);
  if (unreadable !== -1) return { fault: `has an event of an unknown form: event ${unreadable + 1}` };
  return { ...signed, hash: hashOf(jws), events: events.filter((event) => event !== undefined) };
}

/** The fault of the place of a seal in the chain; undefined for one that is in its place. */
export function faultOfLink(
  seal: Seal,
  { seq, prev, instanceId }: Pick<Content, 'seq' | 'prev' | 'instanceId'>,
): string | undefined {
  if (seal.iid !== instanceId) return `is of another instance, ${seal.iid}`;
  if (seal.seq !== seq) return `is the seal ${seal.seq}, in the place of another`;
  return seal.prev === prev ? undefined : 'does not follow the seal before it: one of the two was replaced';
}
