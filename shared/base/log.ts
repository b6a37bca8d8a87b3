import { count, embeddedMetrics, type Ids, notedIds } from './metrics.ts';
import { stackFrames } from './stack.ts';

/** The fields of a log line. There are no others, so no header, body, query or secret can be in one. */
export interface LogFields extends Ids {
  readonly instance: string;
  readonly operation: string;
  readonly trace_id: string;
  readonly request_id: string;
  /**
   * Address of a caller who has proved who they are, as the record stores it: the one that connected, or the one that CloudFront reports.
   */
  readonly source_ip?: string;
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly duration_ms: number;
  readonly code?: string;
  readonly error?: string;
  /** Names of the causes of the error, outermost first. */
  readonly causes?: readonly string[];
  readonly stack?: readonly string[];
}

/**
 * Writes one JSON line with the request's counts. JSON escapes control characters, so a value cannot forge another line.
 *
 * @param receivedAt in milliseconds since 1970
 */
export function logRequest(level: 'info' | 'error', fields: LogFields, receivedAt: number): void {
  const line = { level, message: 'request', ...fields, ...notedIds(), ...embeddedMetrics(receivedAt) };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** The names of the causes of an error, without their messages, which can quote an item or a request. */
export function causeNames(error: unknown): readonly string[] {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? [cause.name, ...causeNames(cause)] : [];
}

/** The names of an error that can be anything. */
function namesOf(error: unknown) {
  return { error: error instanceof Error ? error.name : typeof error, causes: causeNames(error) };
}

/**
 * Writes one JSON line for a batch of the record that was sealed, or was not, with its counts.
 *
 * @param at in milliseconds since 1970
 */
export function logSealed(instance: string, at: number, error: unknown): void {
  const failure = error !== undefined && { ...namesOf(error), stack: stackFrames(error) };
  const line = {
    level: error === undefined ? 'info' : 'error',
    message: 'sealed',
    instance,
    ...failure,
    ...embeddedMetrics(at),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

interface HealthCheck {
  readonly url: string;
  /** Undefined if the API answered. */
  readonly problem: string | undefined;
}

/** Writes one JSON line for a URL of the API that was checked. */
export function logChecked(instance: string, { url, problem }: HealthCheck): void {
  const level = problem === undefined ? 'info' : 'error';
  process.stdout.write(`${JSON.stringify({ level, message: 'checked', instance, url, problem })}\n`);
}

/** Writes one line for a failure that the answer does not show, because the operation succeeded nevertheless, and counts it. */
export function logDropped(
  what: 'blocklist' | 'refusal' | 'session' | 'session_token' | 'sweep' | 'verification_key',
  error: unknown,
): void {
  count('Dropped');
  const line = { level: 'error', message: 'dropped', what, ...namesOf(error), ...notedIds() };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
