import { randomUUID } from 'node:crypto';
import { Browser } from './browser.ts';
import { callBackend } from './http.ts';

/** Creates a user for this test only. */
export async function aUser(params: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const answer = await callBackend('POST', '/v1/users', { first_name: 'Target', ...params });
  if (answer.status !== 200) throw new Error(`No user: ${answer.text}`);
  return answer.json.id;
}

export interface GivenActorToken {
  readonly id: string;
  readonly ticket: string;
  readonly userId: string;
}

/** Creates a pending actor token, by default for a new user. */
export async function aPendingActorToken(params: Readonly<Record<string, unknown>> = {}): Promise<GivenActorToken> {
  const userId = typeof params.user_id === 'string' ? params.user_id : await aUser();
  const body = { actor: { sub: `support_${randomUUID()}` }, ...params, user_id: userId };
  const answer = await callBackend('POST', '/v1/actor_tokens', body);
  if (answer.status !== 200) throw new Error(`No actor token: ${answer.text}`);
  return { id: answer.json.id, ticket: answer.json.token, userId };
}

export interface GivenSession {
  readonly browser: Browser;
  readonly sessionId: string;
  readonly userId: string;
  readonly actorTokenId: string;
  readonly ticket: string;
}

/** Signs a browser in with a ticket; by default a new browser. */
export async function aSignedInBrowser(
  params: Readonly<Record<string, unknown>> = {},
  browser = new Browser(),
): Promise<GivenSession> {
  const token = await aPendingActorToken(params);
  const answer = await browser.redeem(token.ticket);
  if (answer.status !== 200) throw new Error(`Not signed in: ${answer.text}`);
  const sessionId: string = answer.json.response.created_session_id;
  return { browser, sessionId, userId: token.userId, actorTokenId: token.id, ticket: token.ticket };
}

/** A well-formed cookie that was never issued, as another host of the site can plant it. */
export const plantedCookie = `__Host-client=client_${'0'.repeat(27)}.${'A'.repeat(43)}`;
