import type { Client } from '../../shared/clients/client.ts';
import { signedOutCookies } from '../../shared/clients/client-cookie.ts';
import type { Answer } from '../../shared/http/answer.ts';
import type { FrontendRequest, KnownClientRequest } from '../../shared/http/frontend-api.ts';
import { clientJson } from '../../shared/sessions/client-schema.ts';
import { clientSessionJson, type ShownSession } from '../../shared/sessions/session-schema.ts';
import type { SignedOut } from '../../shared/sessions/sign-out.ts';

/** The answer about a live session of this browser: the session, and this browser, signed in to it. */
export function answerSession(
  shown: ShownSession & { readonly client: Client | undefined },
  request: KnownClientRequest,
): Answer {
  const client = shown.client ? clientJson(shown.client, shown, request) : null;
  return { body: { response: clientSessionJson(shown, request), client } };
}

/** The answer of EndSession and RemoveSession: the session, and this browser, signed out. */
export function answerSignedOut({ session, client, user }: SignedOut, request: FrontendRequest): Answer {
  return {
    body: {
      response: clientSessionJson({ session, user }, request),
      client: client ? clientJson(client, undefined, request) : null,
    },
    cookies: signedOutCookies(request.instance),
  };
}
