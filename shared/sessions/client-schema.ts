// A client as it is answered, with the session it is signed in to.
import * as v from 'valibot';
import { idOf, resource, timestamp } from '../base/answer-schema.ts';
import type { Call } from '../base/call.ts';
import type { Client } from '../clients/client.ts';
import { clientSessionAnswer, clientSessionJson, type ShownSession } from './session-schema.ts';

export const clientAnswer = resource('client', {
  id: idOf('client'),
  sessions: v.pipe(v.array(clientSessionAnswer), v.maxLength(1)),
  sign_in: v.null(),
  sign_up: v.null(),
  last_active_session_id: v.nullable(idOf('sess')),
  last_authentication_strategy: v.null(),
  cookie_expires_at: v.null(),
  captcha_bypass: v.literal(false),
  created_at: timestamp,
  updated_at: timestamp,
});

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
