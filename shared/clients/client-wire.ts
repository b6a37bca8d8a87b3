import type { EpochMs } from '../base/time.ts';
import { clientSessionJson, type ShownSession } from '../sessions/session-wire.ts';
import type { Client } from './client.ts';

/** The `client` object: this browser, with the session it is signed in to, if any. */
export function clientJson(client: Client, live: ShownSession | undefined, now: EpochMs) {
  return {
    object: 'client',
    id: client.id,
    sessions: live ? [clientSessionJson(live, now)] : [],
    sign_in: null,
    sign_up: null,
    last_active_session_id: live?.session.id ?? null,
    last_authentication_strategy: null,
    cookie_expires_at: null,
    captcha_bypass: false,
    created_at: client.createdAt,
    updated_at: client.rotatedAt,
  } as const;
}
