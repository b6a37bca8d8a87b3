import type { Client } from '../../shared/clients/client.ts';
import { signedOutCookies } from '../../shared/clients/client-cookie.ts';
import type { Answer } from '../../shared/http/answer.ts';
import type { FrontendRequest } from '../../shared/http/frontend-api.ts';
import { accompanyingClientJson } from '../../shared/sessions/client-schema.ts';
import { clientSessionJson, type ShownSession } from '../../shared/sessions/session-schema.ts';
import type { SignedOut } from '../../shared/sessions/sign-out.ts';

interface Shown extends ShownSession {
  readonly client?: Client | undefined;
}

/** The answer about a live session of this browser: the session, and this browser if the session has its token. */
export function answerSession(shown: Shown, request: FrontendRequest): Answer {
  const client = accompanyingClientJson(shown.client, shown, request);
  return { body: { response: clientSessionJson(shown, request), client } };
}

/** The answer of EndSession and RemoveSession: the session, and this browser, signed out. */
export function answerSignedOut({ session, client, user }: SignedOut, request: FrontendRequest): Answer {
  return {
    body: {
      response: clientSessionJson({ session, user }, request),
      client: accompanyingClientJson(client, undefined, request),
    },
    cookies: signedOutCookies(request.instance),
  };
}
