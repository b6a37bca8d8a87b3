// The three requests that this app's server makes about an impersonation, with `jose` and `fetch` alone.
import { createRemoteJWKSet, jwtVerify } from 'jose';

export interface ActorTokensOptions {
  /** `iss` of the session tokens: the output `Issuer`. */
  readonly issuer: string;
  /** The URL of the API for servers: the output `ApiUrl`. */
  readonly apiUrl: string;
  /** A secret key that may `read` and `revoke`. */
  readonly secretKey: string;
  /** The origin of this app's pages. */
  readonly origin: string;
}

/** The claims of a session token, of which this app makes use. */
export interface Claims {
  readonly sessionId: string;
  /** This app's own id of the user, always as a text. */
  readonly externalId: string;
  readonly actorSub: string;
  /** The policy lets the person only read. */
  readonly mayOnlyRead: boolean;
}

export interface ActorTokensApi {
  /** @throws when the token is not one of an impersonation, for a page of this app, that is valid now */
  verify(sessionToken: string): Promise<Claims>;
  /** Returns the end of a session in epoch milliseconds; undefined when it has ended. @throws when there is no answer */
  endOf(sessionId: string): Promise<number | undefined>;
  /** Ends a session. @throws when there is no answer */
  revoke(sessionId: string): Promise<void>;
}

function actorSubFrom(act: unknown): string {
  const sub = typeof act === 'object' && act !== null && 'sub' in act ? act.sub : undefined;
  if (typeof sub !== 'string' || sub === '') throw new Error('The session token names nobody who acts as the user.');
  return sub;
}

/** Returns the API of actor tokens as one app's server calls it. */
export function connectActorTokens({ issuer, apiUrl, secretKey, origin }: ActorTokensOptions): ActorTokensApi {
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));
  const options = { issuer, algorithms: ['RS256'], typ: 'JWT', requiredClaims: ['exp', 'sub', 'sid', 'azp', 'act'] };

  async function call(method: string, path: string): Promise<Response> {
    const headers = { authorization: `Bearer ${secretKey}` };
    const response = await fetch(apiUrl + path, { method, headers, signal: AbortSignal.timeout(5000) });
    if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}.`);
    return response;
  }

  return {
    verify: async (sessionToken) => {
      const { payload } = await jwtVerify(sessionToken, keys, options);
      const { azp, sid, external_id: externalId, act, act_mode } = payload;
      if (azp !== origin) throw new Error("The session token was not issued to this app's pages.");
      if (typeof sid !== 'string') throw new Error('The session token names no session.');
      // `sub` is the id of the API of actor tokens. This app knows its users by the id that it gave there as `external_id`.
      if (typeof externalId !== 'string') throw new Error('The session token has no external_id.');
      // A mode that this code does not know counts as reading only.
      return { sessionId: sid, externalId, actorSub: actorSubFrom(act), mayOnlyRead: act_mode !== undefined };
    },
    endOf: async (sessionId) => {
      const response = await call('GET', `/v1/sessions/${sessionId}`);
      const session = (await response.json()) as { readonly status: string; readonly expire_at: number };
      return session.status === 'active' ? session.expire_at : undefined;
    },
    revoke: async (sessionId) => {
      await call('POST', `/v1/sessions/${sessionId}/revoke`);
    },
  };
}
