import { count, embeddedMetrics, type Ids, notedIds } from './metrics.ts';

/** A log line is built from these fields and no others, so that no header, body, query or secret can get into one. */
export interface LogFields extends Ids {
  readonly instance: string;
  readonly operation: string;
  readonly trace_id: string;
  readonly request_id: string;
  /** Who asked, the same as in the record: the address that connected, or that CloudFront vouches for. */
  readonly source_ip: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly duration_ms: number;
  readonly code?: string;
  readonly error?: string;
  /** Names of what led to the error, outermost first. */
  readonly causes?: readonly string[];
  readonly stack?: readonly string[];
}

/**
 * Writes one JSON line, with what the request counted. JSON escapes control characters, so a value cannot forge a line of its
 * own.
 *
 * @param receivedAt in milliseconds of the epoch
 */
export function logRequest(level: 'info' | 'error', fields: LogFields, receivedAt: number): void {
  const line = { level, message: 'request', ...fields, ...notedIds(), ...embeddedMetrics(receivedAt) };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** The frames of a stack without its message, which may quote an item or a request. */
export function stackFrames(error: unknown): readonly string[] {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n') : [];
  return lines.map((line) => line.trim()).filter((line) => line.startsWith('at '));
}

/** The names of what led to an error. Their messages stay out: they may quote an item or a request. */
export function causeNames(error: unknown): readonly string[] {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? [cause.name, ...causeNames(cause)] : [];
}

/**
 * Writes one line for a failure that the caller is not told of, because what they asked for stands all the same, and counts
 * it in the line of the request.
 */
export function logDropped(what: 'session_token' | 'sweep' | 'verification_key', error: unknown): void {
  count('Dropped');
  const name = error instanceof Error ? error.name : typeof error;
  const line = { level: 'error', message: 'dropped', what, error: name, causes: causeNames(error), ...notedIds() };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
