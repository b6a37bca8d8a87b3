// Writes a client as it is answered, with the session it is signed in to. It belongs to sessions: clients/ does not import them.
import type * as v from 'valibot';
import type { Call } from '../base/call.ts';
import type { Client } from '../clients/client.ts';
import type { clientAnswer } from './client-answer.ts';
import { clientSessionJson, type ShownSession } from './session-schema.ts';

/** The `client` object: this browser, with its live session, if any. */
export function clientJson(
  client: Client,
  live: ShownSession | undefined,
  call: Call,
): v.InferOutput<typeof clientAnswer> {
  return {
    object: 'client',
    id: client.id,
    sessions: live ? [clientSessionJson(live, call)] : [],
    sign_in: null,
    sign_up: null,
    last_active_session_id: live?.session.id ?? null,
    last_authentication_strategy: null,
    cookie_expires_at: null,
    captcha_bypass: false,
    created_at: client.createdAt,
    updated_at: client.rotatedAt,
  };
}

/**
 * The `client` beside a response. Null for a live session without a session token: clerk-js puts this client in place of the one that it
 * has, and Clerk's React components remove the whole page when its session has no token.
 */
export function accompanyingClientJson(
  client: Client | undefined,
  live: ShownSession | undefined,
  call: Call,
): v.InferOutput<typeof clientAnswer> | null {
  const lacksToken = live && live.sessionToken === undefined;
  return client && !lacksToken ? clientJson(client, live, call) : null;
}
