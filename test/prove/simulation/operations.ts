// The requests that workers send: those of browsers, of servers and of administrators.
import './environment.ts';

import { lambda as backendSessions } from '../../../functions/backend-sessions.ts';
import { lambda as blocklist } from '../../../functions/blocklist.ts';
import { lambda as browserSessions } from '../../../functions/browser-sessions.ts';
import { lambda as createActorToken } from '../../../functions/create-actor-token.ts';
import { lambda as createSignIn } from '../../../functions/create-sign-in.ts';
import type { Lambda } from '../../../functions/dispatch.ts';
import { lambda as revokeActorToken } from '../../../functions/revoke-actor-token.ts';
import { lambda as revokeSession } from '../../../functions/revoke-session.ts';
import { lambda as users } from '../../../functions/users.ts';
import { siblingId } from '../../../shared/base/ids.ts';
import { blockIdOf } from '../../../shared/blocklist/block.ts';

/** The page from which browsers send their requests. */
export const ORIGIN = 'https://clerk.example.com';

/** An actor token, as its creator knows it. */
export interface KnownToken {
  readonly id: `act_${string}`;
  readonly ticket: string;
  readonly userId: string;
  readonly actorSub: string;
}

/** The values of the requests of one step. */
export interface Subject {
  readonly token: KnownToken;
  readonly userId: string;
  readonly actorSub: string;
}

export interface Sent {
  readonly lambda: Lambda;
  readonly method: string;
  /** The path of the route, and the parameters in it. */
  readonly path: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly json?: object;
  /** True for a request with a secret key. */
  readonly isOfServer?: true;
}

function ofBrowser(suffix: string, method = 'POST') {
  return ({ token }: Subject): Sent => ({
    lambda: browserSessions,
    method,
    path: `/v1/client/sessions/{session_id}${suffix}`,
    parameters: { session_id: siblingId('sess', token.id) },
    form: {},
  });
}

function onUser(
  suffix: string,
  { method = 'POST', json = {} }: { readonly method?: string; readonly json?: object } = {},
) {
  return ({ userId }: Subject): Sent => ({
    lambda: users,
    method,
    path: `/v1/users/{user_id}${suffix}`,
    parameters: { user_id: userId },
    json,
    isOfServer: true,
  });
}

function ofServer(lambda: Lambda, method: string, path: string, json: object = {}) {
  return ({ token }: Subject): Sent => ({
    lambda,
    method,
    path,
    parameters: { session_id: siblingId('sess', token.id), actor_token_id: token.id },
    ...(method === 'POST' && { json }),
    isOfServer: true,
  });
}

/** Every request that a history can contain. */
export const operations = {
  create: ({ userId, actorSub }) => ({
    lambda: createActorToken,
    method: 'POST',
    path: '/v1/actor_tokens',
    json: { user_id: userId, actor: { sub: actorSub }, expires_in_seconds: 900, session_max_duration_in_seconds: 1800 },
    isOfServer: true,
  }),
  revoke: ofServer(revokeActorToken, 'POST', '/v1/actor_tokens/{actor_token_id}/revoke'),
  redeem: ({ token: { ticket } }) => ({
    lambda: createSignIn,
    method: 'POST',
    path: '/v1/client/sign_ins',
    form: { strategy: 'ticket', ticket },
  }),
  accept: ({ token: { ticket } }) => ({
    lambda: createSignIn,
    method: 'POST',
    path: '/v1/tickets/accept',
    form: { ticket },
  }),
  mint: ofBrowser('/tokens'),
  touch: ofBrowser('/touch'),
  end: ofBrowser('/end'),
  remove: ofBrowser('/remove'),
  signOut: () => ({ lambda: browserSessions, method: 'DELETE', path: '/v1/client' }),
  handshake: () => ({
    lambda: browserSessions,
    method: 'GET',
    path: '/v1/client/handshake',
    query: `redirect_url=${encodeURIComponent(`${ORIGIN}/account`)}`,
  }),
  show: () => ({ lambda: browserSessions, method: 'GET', path: '/v1/client', query: '_clerk_js_version=6' }),
  endByServer: ofServer(revokeSession, 'POST', '/v1/sessions/{session_id}/revoke'),
  mintByServer: ofServer(backendSessions, 'POST', '/v1/sessions/{session_id}/tokens'),
  read: ofServer(backendSessions, 'GET', '/v1/sessions/{session_id}'),
  list: ({ userId }) => ({
    lambda: backendSessions,
    method: 'GET',
    path: '/v1/sessions',
    query: `user_id=${userId}&status=active`,
    isOfServer: true,
  }),
  ban: onUser('/ban'),
  unban: onUser('/unban'),
  deleteUser: onUser('', { method: 'DELETE' }),
  promote: onUser('/metadata', { method: 'PATCH', json: { private_metadata: { role: 'admin' } } }),
  demote: onUser('/metadata', { method: 'PATCH', json: { private_metadata: { role: null } } }),
  block: ({ actorSub }) => ({
    lambda: blocklist,
    method: 'POST',
    path: '/v1/blocklist_identifiers',
    json: { identifier: actorSub },
    isOfServer: true,
  }),
  lift: ({ actorSub }) => ({
    lambda: blocklist,
    method: 'DELETE',
    path: '/v1/blocklist_identifiers/{identifier_id}',
    parameters: { identifier_id: blockIdOf(actorSub) },
    isOfServer: true,
  }),
} as const satisfies Readonly<Record<string, (subject: Subject) => Sent>>;

export type OperationName = keyof typeof operations;

const ofServers: readonly OperationName[] = [
  'create',
  'revoke',
  'endByServer',
  'mintByServer',
  'read',
  'list',
  'ban',
  'unban',
  'deleteUser',
  'promote',
  'demote',
  'block',
  'lift',
];

/** Returns whether a step sends a secret key. */
export function isOfServer(does: string): boolean {
  return ofServers.some((each) => each === does);
}
