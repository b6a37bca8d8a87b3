import { addAbortSignal, Readable } from 'node:stream';
import { ApiError } from '../../../shared/base/errors.ts';
import { limits } from '../../../shared/base/limits.ts';
import { jsonObjectFrom, utf8Text } from '../../../shared/http/body.ts';
import type { CreateUser } from '../../../shared/users/create-user.ts';
import { parseImportedUser } from '../../../shared/users/create-user-schema.ts';
import { apiSentences } from '../error-sentence.ts';
import { splitLines } from './split-lines.ts';

const CONCURRENCY = 16;

/** The number of lines by their outcome. */
export interface Tally {
  imported: number;
  alreadyThere: number;
  bad: number;
}

export interface ImportOptions {
  /** NDJSON: each line is a body of `POST /v1/users`. */
  readonly source: Readable;
  /** Stores one user, unless the user exists. `form_identifier_exists` makes the line a bad one; any other rejection stops the import. */
  readonly store: (user: CreateUser) => Promise<'imported' | 'alreadyThere'>;
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
  /** The rejection of `store`; undefined when the signal stopped the import. */
  readonly error: unknown;
}

/**
 * Reads a line by the rules of a body of `POST /v1/users`, with an id if the user has one already.
 *
 * @throws ApiError
 */
function parseUser(line: Buffer): CreateUser {
  const tooLarge = `The line is larger than ${limits.bodyBytes} bytes.`;
  if (line.length > limits.bodyBytes) throw new ApiError({ code: 'request_body_too_large', sentence: tooLarge });
  const user = parseImportedUser(jsonObjectFrom(utf8Text(line, 'The line'), 'The line'));
  // With neither id, a repeated import would create the user again.
  if (user.externalId === null && user.id === undefined)
    throw new ApiError({ code: 'form_param_missing', meta: { param_name: 'external_id' } });
  return user;
}

/** Returns the user of a line, or the reason why it is bad. */
function userOrReason(line: Buffer): { readonly user: CreateUser } | { readonly reason: string } {
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

/**
 * Stores the users of a file, 16 at a time. A bad line is reported and skipped. No user is stored twice, so an import that stopped
 * continues when it is run again.
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
      tally[await store(read.user)] += 1;
    } catch (error) {
      if (error instanceof ApiError && error.code === 'form_identifier_exists') {
        tally.bad += 1;
        onBadLine(number, apiSentences(error));
        return;
      }
      if (!failure || number < failure.line) failure = { line: number, error };
      failing.abort();
    }
  }

  // The signal ends the lines and not their processing, so that every store that has begun is awaited.
  await Readable.from(linesUntil(stopping, source)).forEach(importLine, { concurrency: CONCURRENCY });
  return failure ?? (signal.aborted ? { line: lastLine + 1, error: undefined } : undefined);
}
