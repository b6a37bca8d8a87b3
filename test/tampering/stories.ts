// Signed-in browsers and all that is stored about them, which a test can change and restore.
import { aSignedInBrowser, type GivenSession } from '../support/given.ts';
import { type StoredItem, storedItem, storeItem, type Table } from '../support/stored.ts';
import { given, type Operation, type Request } from './operations.ts';

export type StoryTable = Exclude<Table, 'SECRET_KEYS' | 'BLOCKLIST'>;

export interface Story extends GivenSession {
  readonly records: Readonly<Record<StoryTable, StoredItem>>;
}

export async function recordOf(table: StoryTable, id: string): Promise<StoredItem> {
  const item = await storedItem(table, { id });
  if (!item) throw new Error(`${id} is not stored.`);
  return item;
}

/** Returns a browser as it is now, with its records. */
export async function storyOf(session: GivenSession): Promise<Story> {
  const SESSIONS = await recordOf('SESSIONS', session.sessionId);
  const [ACTOR_TOKENS, CLIENTS, USERS] = await Promise.all([
    recordOf('ACTOR_TOKENS', session.actorTokenId),
    recordOf('CLIENTS', SESSIONS.client_id),
    recordOf('USERS', session.userId),
  ]);
  return { ...session, records: { ACTOR_TOKENS, SESSIONS, CLIENTS, USERS } };
}

/** A browser that is signed in. */
export async function aStory(params: Readonly<Record<string, unknown>> = {}): Promise<Story> {
  return storyOf(await aSignedInBrowser(params));
}

/** A browser that has signed out: its cookie is still the one of its client. */
export async function aSignedOutStory(): Promise<Story> {
  const session = await aSignedInBrowser();
  await session.browser.clone().post(`/v1/client/sessions/${session.sessionId}/remove`);
  return storyOf(session);
}

/** Stores the records again as they were. */
export async function restore({ records }: Story): Promise<void> {
  const entries = Object.entries(records) as [StoryTable, StoredItem][];
  await Promise.all(entries.map(([table, item]) => storeItem(table, item)));
}

interface Attempt {
  readonly operation: string;
  /** The result that the operation gave to the caller. */
  readonly gave: string;
  /** The cause with which the session ended, if it did. */
  readonly end: string | undefined;
}

/** Sends a request to each operation, one after the other, each time after `prepare`. */
export async function attempts(
  operations: readonly Operation[],
  request: Request,
  prepare = async (): Promise<unknown> => undefined,
): Promise<readonly Attempt[]> {
  const results: Attempt[] = [];
  for (const { name, send } of operations) {
    await prepare();
    // An answer can change the cookies, and the next operation has to find them as they were.
    const answer = await send({ ...request, browser: request.browser.clone() });
    const session = await storedItem('SESSIONS', { id: request.sessionId });
    results.push({ operation: name, gave: given(answer), end: session?.end_cause });
  }
  return results;
}
