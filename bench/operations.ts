// The operations of an impersonation, as a server and a browser request them.
import { type Answer, send } from './api.ts';

/** A running API with a user in it. */
export interface Target {
  readonly endpoint: string;
  readonly secretKey: string;
  readonly userId: string;
  /** An origin whose pages may call the API. */
  readonly origin: string;
}

/** A browser that is signed in. */
export interface SignedIn {
  readonly cookie: string;
  readonly sessionId: string;
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** Sends a request as the customer's server. */
export function callBackend(
  { endpoint, secretKey }: Target,
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: object,
): Promise<Answer> {
  const headers = { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' };
  return send(endpoint, { method, path, headers, ...(body && { body: JSON.stringify(body) }) });
}

/** Creates an actor token, and returns its ticket. */
export async function createTicket(target: Target): Promise<string> {
  const body = { user_id: target.userId, actor: { sub: 'support' } };
  return (await callBackend(target, 'POST', '/v1/actor_tokens', body)).json.token;
}

/** Redeems a ticket in a new browser. */
export async function redeem({ endpoint }: Target, ticket: string): Promise<SignedIn> {
  const body = new URLSearchParams({ strategy: 'ticket', ticket }).toString();
  const { json, cookies } = await send(endpoint, { method: 'POST', path: '/v1/client/sign_ins', headers: FORM, body });
  const cookie = cookies.find((each) => each.includes('client=')) ?? '';
  return { cookie, sessionId: json.response.created_session_id };
}

/** Signs a new browser in. */
export async function signIn(target: Target): Promise<SignedIn> {
  return redeem(target, await createTicket(target));
}

/** The operations that a signed-in browser repeats. */
export const ofBrowser = {
  'session token': ({ endpoint }: Target, { cookie, sessionId }: SignedIn) =>
    send(endpoint, { method: 'POST', path: `/v1/client/sessions/${sessionId}/tokens`, headers: { ...FORM, cookie } }),
  'GET /v1/client': ({ endpoint }: Target, { cookie }: SignedIn) =>
    send(endpoint, { method: 'GET', path: '/v1/client', headers: { cookie } }),
  handshake: ({ endpoint, origin }: Target, { cookie }: SignedIn) =>
    send(endpoint, {
      method: 'GET',
      path: `/v1/client/handshake?redirect_url=${encodeURIComponent(origin)}`,
      headers: { cookie },
    }),
} as const;
