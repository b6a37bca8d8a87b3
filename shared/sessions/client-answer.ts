// A client as it is answered, with the session it is signed in to.
import * as v from 'valibot';
import { idOf, resource, timestamp } from '../base/answer-schema.ts';
import { clientSessionAnswer } from './session-answer.ts';

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
