// How to call each operation so that it succeeds, and so that it finds nothing.
import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import type { OperationId } from '../../functions/routes.ts';
import { blockIdOf } from '../../shared/blocklist/block.ts';
import { Browser } from './browser.ts';
import { aPendingActorToken, aSignedInBrowser, type GivenSession } from './given.ts';
import { call, callBackend, type TestAnswer } from './http.ts';

/** The subject of a call of an operation: a session, or an actor token that is pending, and the browser that asks. */
export interface Story extends GivenSession {
  readonly actorSub: string;
}

type Send = (story: Story) => Promise<TestAnswer>;

const onSession =
  (suffix: string): Send =>
  ({ browser, sessionId }) =>
    browser.post(`/v1/client/sessions/${sessionId}${suffix}`);

const handshake = `/v1/client/handshake?redirect_url=${encodeURIComponent(inject('stack').allowedOrigin)}`;

/** A call of each operation, about the story that `aStoryFor` returns for it. A new operation does not compile without one. */
export const callOf: Readonly<Record<OperationId, Send>> = {
  CreateActorToken: ({ userId, actorSub }) =>
    callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor: { sub: actorSub, name: 'Sam Support' } }),
  RevokeActorToken: ({ actorTokenId }) => callBackend('POST', `/v1/actor_tokens/${actorTokenId}/revoke`),
  CreateSignIn: ({ browser, ticket }) => browser.redeem(ticket),
  GetSignIn: ({ browser, sessionId }) => browser.get(`/v1/client/sign_ins/${sessionId.replace('sess', 'sia')}`),
  CreateSignUp: ({ browser, ticket }) => browser.post('/v1/client/sign_ups', { strategy: 'ticket', ticket }),
  GetClient: ({ browser }) => browser.get('/v1/client?_clerk_js_version=6'),
  CreateClient: ({ browser }) => browser.post('/v1/client'),
  PutClient: ({ browser }) => browser.send('PUT', '/v1/client'),
  DeleteClient: ({ browser }) => browser.send('DELETE', '/v1/client'),
  Handshake: ({ browser }) => browser.get(handshake),
  RemoveClientSessions: ({ browser }) => browser.send('DELETE', '/v1/client/sessions'),
  GetClientSession: ({ browser, sessionId }) => browser.get(`/v1/client/sessions/${sessionId}`),
  CreateSessionToken: onSession('/tokens'),
  TouchSession: onSession('/touch'),
  EndSession: onSession('/end'),
  RemoveSession: onSession('/remove'),
  GetMe: ({ browser }) => browser.get('/v1/me'),
  ListMySessions: ({ browser }) => browser.get('/v1/me/sessions'),
  ListMyActiveSessions: ({ browser }) => browser.get('/v1/me/sessions/active'),
  ListMyOrganizationMemberships: ({ browser }) => browser.get('/v1/me/organization_memberships'),
  ListMyOrganizationInvitations: ({ browser }) => browser.get('/v1/me/organization_invitations'),
  ListMyOrganizationSuggestions: ({ browser }) => browser.get('/v1/me/organization_suggestions'),
  ListSessions: ({ userId }) => callBackend('GET', `/v1/sessions?user_id=${userId}&status=active`),
  GetSession: ({ sessionId }) => callBackend('GET', `/v1/sessions/${sessionId}`),
  RevokeSession: ({ sessionId }) => callBackend('POST', `/v1/sessions/${sessionId}/revoke`),
  CreateBackendSessionToken: ({ sessionId }) => callBackend('POST', `/v1/sessions/${sessionId}/tokens`),
  CreateUser: () => callBackend('POST', '/v1/users', { first_name: 'Ada', email_address: ['ada@example.com'] }),
  ListUsers: ({ userId }) => callBackend('GET', `/v1/users?user_id=${userId}`),
  CountUsers: ({ userId }) => callBackend('GET', `/v1/users/count?user_id=${userId}`),
  GetUser: ({ userId }) => callBackend('GET', `/v1/users/${userId}`),
  UpdateUser: ({ userId }) => callBackend('PATCH', `/v1/users/${userId}`, { first_name: 'Grace' }),
  UpdateUserMetadata: ({ userId }) =>
    callBackend('PATCH', `/v1/users/${userId}/metadata`, { private_metadata: { note: 'x' } }),
  DeleteUser: ({ userId }) => callBackend('DELETE', `/v1/users/${userId}`),
  BanUser: ({ userId }) => callBackend('POST', `/v1/users/${userId}/ban`),
  UnbanUser: ({ userId }) => callBackend('POST', `/v1/users/${userId}/unban`),
  ListUserOrganizationMemberships: ({ userId }) => callBackend('GET', `/v1/users/${userId}/organization_memberships`),
  ListUserOrganizationInvitations: ({ userId }) => callBackend('GET', `/v1/users/${userId}/organization_invitations`),
  ListOrganizations: () => callBackend('GET', '/v1/organizations'),
  CreateBlocklistIdentifier: ({ actorSub }) =>
    callBackend('POST', '/v1/blocklist_identifiers', { identifier: actorSub }),
  ListBlocklistIdentifiers: () => callBackend('GET', '/v1/blocklist_identifiers'),
  DeleteBlocklistIdentifier: ({ actorSub }) =>
    callBackend('DELETE', `/v1/blocklist_identifiers/${blockIdOf(actorSub)}`),
  GetBackendJwks: () => callBackend('GET', '/v1/jwks'),
  CreateTestingToken: () => callBackend('POST', '/v1/testing_tokens'),
  ShowAcceptPage: ({ ticket }) => call({ path: `/v1/tickets/accept?ticket=${ticket}` }),
  AcceptTicket: ({ browser, ticket }) => browser.accept(ticket),
  GetEnvironment: ({ browser }) => browser.get('/v1/environment'),
  UpdateEnvironment: ({ browser }) => browser.send('PATCH', '/v1/environment'),
  CreateDevBrowser: ({ browser }) => browser.post('/v1/dev_browser'),
  RedirectScript: () => call({ path: '/npm/@clerk/clerk-js@6/dist/clerk.browser.js' }),
  GetImpersonationBanner: () => call({ path: '/v1/impersonation-banner.js' }),
  GetJwks: () => call({ path: '/.well-known/jwks.json' }),
  GetOpenidConfiguration: () => call({ path: '/.well-known/openid-configuration' }),
  GetOpenapi: () => call({ path: '/v1/openapi.json' }),
  GetHealth: () => call({ path: '/v1/health' }),
};

const ofPendingTokens: ReadonlySet<OperationId> = new Set([
  'RevokeActorToken',
  'CreateSignIn',
  'CreateSignUp',
  'ShowAcceptPage',
  'AcceptTicket',
]);

/** Begins a story that an operation can continue: with a session, or with a pending actor token where the operation needs one. */
export async function aStoryFor(operation: OperationId, browser = new Browser()): Promise<Story> {
  const actorSub = `support_${randomUUID()}`;
  const params = { actor: { sub: actorSub, name: 'Sam Support', email: 'sam@example.com' } };
  if (operation === 'DeleteBlocklistIdentifier') {
    const story = { ...(await aSignedInBrowser(params, browser)), actorSub };
    await callOf.CreateBlocklistIdentifier(story);
    return story;
  }
  if (!ofPendingTokens.has(operation)) return { ...(await aSignedInBrowser(params, browser)), actorSub };
  const { id, ticket, userId } = await aPendingActorToken(params);
  return { browser, actorTokenId: id, sessionId: id.replace('act_', 'sess_'), ticket, userId, actorSub };
}

const NOBODY: Readonly<Record<string, string>> = {
  actor_token_id: `act_${'0'.repeat(27)}`,
  session_id: `sess_${'0'.repeat(27)}`,
  sign_in_id: `sia_${'0'.repeat(27)}`,
  user_id: `user_${'0'.repeat(27)}`,
  identifier_id: `blid_${'0'.repeat(27)}`,
  'proxy+': '@clerk/clerk-js@5/dist/clerk.browser.js',
};

/** The path of a route, with well-formed ids that nothing has. */
export function pathToNobody(path: string): string {
  return path.replace(/\{([^}]+)\}/g, (_match, name: string) => NOBODY[name] ?? '');
}
