import { signedOutCookies } from '../../shared/clients/client-cookie.ts';
import type { Answer } from '../../shared/http/answer.ts';
import type { KnownClientRequest } from '../../shared/http/frontend-api.ts';
import { clientJson } from '../../shared/sessions/client-schema.ts';
import { clientSessionJson } from '../../shared/sessions/session-schema.ts';
import type { SignedOut } from '../../shared/sessions/sign-out.ts';

/** The answer of EndSession and RemoveSession: the session, and this browser, signed out. */
export function answerSignedOut({ session, client, user }: SignedOut, request: KnownClientRequest): Answer {
  return {
    body: {
      response: clientSessionJson({ session, user }, request),
      client: client ? clientJson(client, undefined, request) : null,
    },
    cookies: signedOutCookies(request.instance),
  };
}
