// The official client as a customer's server uses it: unmodified, configured with the URL of the running API.
import { randomUUID } from 'node:crypto';
import { createClerkClient } from '@clerk/backend';
import { isClerkAPIResponseError } from '@clerk/backend/errors';
import { expect, inject } from 'vitest';
import { HttpBrowser } from '../../support/http-browser.ts';

export type ClerkClient = ReturnType<typeof clerkClient>;
export type CreateActorTokenParams = Parameters<ClerkClient['actorTokens']['create']>[0];
export type ActorToken = Awaited<ReturnType<ClerkClient['actorTokens']['create']>>;
export type CreateUserParams = Parameters<ClerkClient['users']['createUser']>[0];

/** Creates a client, by default with the seeded secret key. */
export function clerkClient({ secretKey }: { readonly secretKey?: string | undefined } = {}) {
  const { baseUrl: apiUrl, publishableKey, ...seeded } = inject('stack');
  const keys = { secretKey: secretKey ?? seeded.secretKey, publishableKey };
  return createClerkClient({ apiUrl, ...keys, telemetry: { disabled: true } });
}

export const clerk = clerkClient();

export const aTraceId = expect.stringMatching(/^[0-9a-f]{32}$/);

interface Refused {
  readonly code: string;
  readonly longMessage: string;
  readonly meta?: Readonly<Record<string, string>>;
}

/** Expects that a call fails with the client's error class, this status and exactly these errors. */
export async function expectRefusal(call: Promise<unknown>, status: number, errors: readonly Refused[]): Promise<void> {
  const error = await call.then(
    (result) => expect.fail(`The call was answered: ${JSON.stringify(result)}`),
    (thrown: unknown) => thrown,
  );
  if (!isClerkAPIResponseError(error)) throw error;
  const { clerkTraceId, retryAfter } = error;
  const told = error.errors.map(({ code, longMessage, meta }) => ({ code, longMessage, meta }));
  expect({ status: error.status, errors: told, clerkTraceId, retryAfter }).toEqual({
    status,
    errors: errors.map(({ meta = {}, ...each }) => ({ ...each, meta })),
    clerkTraceId: aTraceId,
    retryAfter: undefined,
  });
}

/** The refusal of an unknown id. */
export const NOT_FOUND: readonly Refused[] = [
  { code: 'resource_not_found', longMessage: 'The resource was not found.' },
];

/** Returns a well-formed id that was never issued. */
export function unknownId(prefix: string): string {
  return `${prefix}_${randomUUID().replaceAll('-', '').slice(0, 27)}`;
}

/** Returns a word that no other user of the shared instance has in their name. */
export function aUniqueWord(): string {
  return `w${randomUUID().replaceAll('-', '')}`;
}

/** Creates a user for this test only, and returns the id. */
export async function aUser(params: CreateUserParams = {}): Promise<string> {
  const user = await clerk.users.createUser({ firstName: 'Target', ...params });
  return user.id;
}

/** Creates a pending actor token, by default for a new user. */
export async function aPendingActorToken(params: Partial<CreateActorTokenParams> = {}): Promise<ActorToken> {
  const userId = params.userId ?? (await aUser());
  return clerk.actorTokens.create({ actor: { sub: 'user_support' }, ...params, userId });
}

export function ticketOf({ token }: ActorToken): string {
  return token ?? expect.fail('The actor token has no ticket.');
}

export interface SignedIn {
  readonly browser: HttpBrowser;
  readonly actorToken: ActorToken;
  readonly userId: string;
  readonly sessionId: string;
  readonly clientId: string;
  readonly sessionToken: string;
}

/** Signs a browser in with a ticket over HTTP; by default a new browser. */
export async function aSignedInBrowser(
  params: Partial<CreateActorTokenParams> = {},
  browser = new HttpBrowser(),
): Promise<SignedIn> {
  const actorToken = await aPendingActorToken(params);
  const { status, text, json } = await browser.redeem(ticketOf(actorToken));
  if (status !== 200) throw new Error(`Not signed in: ${text}`);
  return {
    browser,
    actorToken,
    userId: actorToken.userId,
    sessionId: json.response.created_session_id,
    clientId: json.client.id,
    sessionToken: json.client.sessions[0].last_active_token.jwt,
  };
}
