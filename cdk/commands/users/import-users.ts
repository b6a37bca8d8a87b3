import { addAbortSignal, Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from '../../../shared/base/errors.ts';
import { limits } from '../../../shared/base/limits.ts';
import { jsonObjectFrom, utf8Text } from '../../../shared/http/body.ts';
import { pauseAfter } from '../../../shared/storage/dynamodb.ts';
import { type ImportedUser, parseImportedUser } from '../../../shared/users/imported-user.ts';
import { apiSentences } from '../error-sentence.ts';
import { splitLines } from './split-lines.ts';

const CONCURRENCY = 16;

/** After the eighth attempt, a pause of up to 6.4 s gets no longer. */
const LONGEST_PAUSE_OF_ATTEMPT = 8;

/** The outcome of a line that is not bad. */
export type Outcome = 'imported' | 'updated' | 'unchanged' | 'alreadyThere';

/** The number of lines by their outcome. */
export interface Tally extends Record<Outcome, number> {
  bad: number;
  /** The lines that wait at this moment, because DynamoDB throttles. */
  waiting: number;
}

export function emptyTally(): Tally {
  return { imported: 0, updated: 0, unchanged: 0, alreadyThere: 0, bad: 0, waiting: 0 };
}

export interface ImportOptions {
  /** NDJSON: each line is a body of `POST /v1/users`. */
  readonly source: Readable;
  /**
   * Stores one user, or changes or leaves a user who exists. `form_identifier_exists` makes the line a bad one, and `too_many_requests`
   * makes it wait; any other rejection stops the import.
   */
  readonly store: (user: ImportedUser) => Promise<Outcome>;
  /** Is updated while the import runs. */
  readonly tally: Tally;
  readonly onBadLine: (line: number, reason: string) => void;
  /** Stops the import: users that are being stored are still stored. */
  readonly signal: AbortSignal;
}

/** An import that stopped before the end of the file. */
export interface Stop {
  /** The number of the first line that is not imported. */
  readonly line: number;
  /** The rejection of `store`; undefined when only the signal stopped the import. */
  readonly error: unknown;
}

/**
 * Reads a line by the rules of a body of `POST /v1/users`, with an id if the user has one already.
 *
 * @throws ApiError
 */
function parseUser(line: Buffer): ImportedUser {
  const tooLarge = `The line is larger than ${limits.bodyBytes} bytes.`;
  if (line.length > limits.bodyBytes) throw new ApiError({ code: 'request_body_too_large', sentence: tooLarge });
  const imported = parseImportedUser(jsonObjectFrom(utf8Text(line, 'The line'), 'The line'));
  // With neither id, a repeated import would create the user again.
  if (imported.user.externalId === null && imported.user.id === undefined)
    throw new ApiError({ code: 'form_param_missing', meta: { param_name: 'external_id' } });
  return imported;
}

/** Returns the user of a line, or the reason why it is bad. */
function userOrReason(line: Buffer): { readonly user: ImportedUser } | { readonly reason: string } {
  try {
    return { user: parseUser(line) };
  } catch (error) {
    if (error instanceof ApiError) return { reason: apiSentences(error) };
    throw error;
  }
}

/** Reads the lines of a file until the signal, which also ends waiting for more of it. */
async function* linesUntil(signal: AbortSignal, source: Readable): AsyncGenerator<Buffer> {
  try {
    yield* splitLines(addAbortSignal(signal, source), limits.bodyBytes);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function isCode(error: unknown, code: ApiError['code']): error is ApiError {
  return error instanceof ApiError && error.code === code;
}

/** The first line that is not stored, with the error of the first one that did not only wait for DynamoDB. */
function firstOf(stop: Stop | undefined, line: number, error: unknown): Stop {
  const cause = isCode(error, 'too_many_requests') ? undefined : error;
  if (!stop) return { line, error: cause };
  return line < stop.line ? { line, error: cause ?? stop.error } : { line: stop.line, error: stop.error ?? cause };
}

/**
 * Stores the users of a file, 16 at a time. A bad line is reported and skipped. While DynamoDB throttles, lines wait with full jitter and
 * are repeated. No user is stored twice, so an import that stopped continues when it is run again.
 *
 * @returns undefined when the end of the file was reached
 * @throws when the file cannot be read
 */
export async function importUsers(options: ImportOptions): Promise<Stop | undefined> {
  const { source, store, tally, onBadLine, signal } = options;
  const failing = new AbortController();
  const stopping = AbortSignal.any([signal, failing.signal]);
  let failure: Stop | undefined;
  let lastLine = 0;

  /** Stores a user as soon as DynamoDB takes it. Only a stop ends the waiting. */
  async function storeInTime(user: ImportedUser): Promise<Outcome> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await store(user);
      } catch (error) {
        if (!isCode(error, 'too_many_requests') || stopping.aborted) throw error;
      }
      tally.waiting += 1;
      const pause = pauseAfter(Math.min(attempt, LONGEST_PAUSE_OF_ATTEMPT));
      await delay(pause, undefined, { signal: stopping }).catch(() => undefined);
      tally.waiting -= 1;
    }
  }

  async function importLine(line: Buffer): Promise<void> {
    if (stopping.aborted) return;
    lastLine += 1;
    const number = lastLine;
    if (line.length === 0) return;
    const read = userOrReason(line);
    if ('reason' in read) {
      tally.bad += 1;
      onBadLine(number, read.reason);
      return;
    }
    try {
      tally[await storeInTime(read.user)] += 1;
    } catch (error) {
      if (isCode(error, 'form_identifier_exists')) {
        tally.bad += 1;
        onBadLine(number, apiSentences(error));
        return;
      }
      failure = firstOf(failure, number, error);
      failing.abort();
    }
  }

  // The signal ends the lines and not their processing, so that every store that has begun is awaited.
  await Readable.from(linesUntil(stopping, source)).forEach(importLine, { concurrency: CONCURRENCY });
  return failure ?? (signal.aborted ? { line: lastLine + 1, error: undefined } : undefined);
}
