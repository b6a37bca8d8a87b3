import { addAbortSignal, type Readable } from 'node:stream';
import { ApiError } from '../../shared/base/errors.ts';
import { limits } from '../../shared/base/limits.ts';
import { jsonBody } from '../../shared/http/body.ts';
import type { CreateUser } from '../../shared/users/create-user.ts';
import { parseCreateUser } from '../../shared/users/user-schema.ts';
import { apiSentences } from './explain.ts';
import { lines } from './lines.ts';

const AT_ONCE = 16;

/** What has become of the lines so far. */
export interface Tally {
  imported: number;
  alreadyThere: number;
  bad: number;
}

export interface ImportOptions {
  /** NDJSON: each line is a body of `POST /v1/users`. */
  readonly source: Readable;
  /** Stores one user, unless there is one with that external id. @throws what ends the import */
  readonly store: (user: CreateUser) => Promise<'imported' | 'alreadyThere'>;
  /** Counted up as the lines are done. */
  readonly tally: Tally;
  readonly onBadLine: (line: number, reason: string) => void;
  /** Ends the import: what is under way is finished. */
  readonly signal: AbortSignal;
}

/** Why an import ended before the end of the file, and the first line that is not done. */
export interface Stop {
  readonly line: number;
  /** Undefined when the signal stopped it. */
  readonly error: unknown;
}

/** @throws ApiError */
function userFrom(line: Buffer): CreateUser {
  // A line is read as the API reads a body, by the same rules.
  const user = parseCreateUser(jsonBody({ body: line, header: () => 'application/json' }));
  // Without it, an import that is run again would make the user again.
  if (user.externalId === null) throw new ApiError({ code: 'form_param_missing', meta: { param_name: 'external_id' } });
  return user;
}

/**
 * Stores the users of a file, 16 at a time. A bad line is told of and passed over. Users are never stored twice, so an import
 * that stopped goes on when it is run again.
 */
export async function importUsers(options: ImportOptions): Promise<Stop | undefined> {
  const { source, store, tally, onBadLine, signal } = options;
  const failing = new AbortController();
  const stopping = AbortSignal.any([signal, failing.signal]);
  const underWay = new Set<Promise<void>>();
  let failure: Stop | undefined;
  let number = 0;

  function isBad(line: number, error: unknown): boolean {
    if (!(error instanceof ApiError) || !/^(form_|request_body_)/.test(error.code)) return false;
    tally.bad += 1;
    onBadLine(line, apiSentences(error).replaceAll('The request body', 'the line'));
    return true;
  }

  async function importLine(line: number, user: CreateUser): Promise<void> {
    try {
      tally[await store(user)] += 1;
    } catch (error) {
      if (isBad(line, error)) return;
      if (!failure || line < failure.line) failure = { line, error };
      failing.abort();
    }
  }

  async function take(line: Buffer): Promise<void> {
    number += 1;
    if (line.length === 0) return;
    let user: CreateUser;
    try {
      user = userFrom(line);
    } catch (error) {
      if (isBad(number, error)) return;
      throw error;
    }
    const work = importLine(number, user).finally(() => underWay.delete(work));
    underWay.add(work);
    if (underWay.size >= AT_ONCE) await Promise.race(underWay);
  }

  try {
    for await (const line of lines(addAbortSignal(stopping, source), limits.bodyBytes)) {
      if (stopping.aborted) break;
      await take(line);
    }
  } catch (error) {
    // The file is closed by the signal, in the middle of reading.
    if (!stopping.aborted) throw error;
  } finally {
    await Promise.all(underWay);
  }
  return failure ?? (signal.aborted ? { line: number + 1, error: undefined } : undefined);
}
