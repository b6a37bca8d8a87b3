// Every operation that creates a session token or shows a session, and what it gave to its caller.
import { inject } from 'vitest';
import type { Browser } from '../support/browser.ts';
import { callBackend, type TestAnswer } from '../support/http.ts';

/** A session, and the browser that asks for it. */
export interface Request {
  readonly browser: Browser;
  readonly sessionId: string;
  readonly userId: string;
  readonly callBackend?: typeof callBackend;
}

export interface Operation {
  readonly name: string;
  readonly send: (request: Request) => Promise<TestAnswer>;
  /** The result for a live session. */
  readonly gives: string;
  /** The cause with which it ends an active session that nothing proves; undefined for one that only reads. */
  readonly ends: 'tampered' | 'end' | 'remove' | undefined;
}

const handshake = `/v1/client/handshake?redirect_url=${encodeURIComponent(inject('stack').allowedOrigin)}`;

const ends = 'tampered';
const the = {
  token: 'a session token',
  session: 'an active session',
  user: 'the user',
  sessionAndUser: 'an active session, the user',
  all: 'a session token, an active session, the user',
};

/** The operations of the Frontend API. */
export const ofTheBrowser: readonly Operation[] = [
  {
    name: 'create a session token in an active tab',
    send: ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/tokens`),
    gives: the.token,
    ends,
  },
  {
    name: 'create a session token in a background tab',
    send: ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/tokens`, { tab_state: 'hidden' }),
    gives: the.token,
    ends,
  },
  {
    name: 'touch the session',
    send: ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/touch`),
    gives: the.all,
    ends,
  },
  {
    name: 'read the session',
    send: ({ browser, sessionId }) => browser.get(`/v1/client/sessions/${sessionId}`),
    gives: the.sessionAndUser,
    ends,
  },
  { name: 'read the client', send: ({ browser }) => browser.get('/v1/client'), gives: the.sessionAndUser, ends },
  {
    name: 'read the client as clerk-js',
    send: ({ browser }) => browser.get('/v1/client?_clerk_js_version=6'),
    gives: the.all,
    ends,
  },
  { name: 'make a handshake', send: ({ browser }) => browser.get(handshake), gives: the.token, ends },
  { name: 'read the user', send: ({ browser }) => browser.get('/v1/me'), gives: the.user, ends },
  {
    name: 'list its sessions',
    send: ({ browser }) => browser.get('/v1/me/sessions'),
    gives: the.sessionAndUser,
    ends,
  },
  {
    name: 'list its active sessions',
    send: ({ browser }) => browser.get('/v1/me/sessions/active'),
    gives: the.session,
    ends,
  },
  {
    name: 'read the sign-in',
    send: ({ browser, sessionId }) => browser.get(`/v1/client/sign_ins/${sessionId.replace('sess', 'sia')}`),
    gives: the.user,
    ends,
  },
  {
    name: 'end the session',
    send: ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/end`),
    gives: the.user,
    ends: 'end',
  },
  {
    name: 'remove the session',
    send: ({ browser, sessionId }) => browser.post(`/v1/client/sessions/${sessionId}/remove`),
    gives: the.user,
    ends: 'remove',
  },
];

/** The operations of the Backend API. */
export const ofTheBackend: readonly Operation[] = [
  {
    name: 'create a session token for a server',
    send: ({ sessionId, callBackend: backend = callBackend }) => backend('POST', `/v1/sessions/${sessionId}/tokens`),
    gives: the.token,
    ends,
  },
  {
    name: 'read the session for a server',
    send: ({ sessionId, callBackend: backend = callBackend }) => backend('GET', `/v1/sessions/${sessionId}`),
    gives: the.session,
    ends: undefined,
  },
  {
    name: 'list the active sessions of the user',
    send: ({ userId, callBackend: backend = callBackend }) =>
      backend('GET', `/v1/sessions?user_id=${userId}&status=active`),
    gives: the.session,
    ends: undefined,
  },
];

export const operations = [...ofTheBrowser, ...ofTheBackend];

const JWT = /eyJ[\w-]+\.(eyJ[\w-]+)\.[\w-]+/g;

/** True when a text contains a session token, also one in a handshake. */
function hasSessionToken(text: string): boolean {
  const payloads = [...text.matchAll(JWT)].map(([, payload = '']) => Buffer.from(payload, 'base64url').toString());
  return payloads.some((payload) => payload.includes('"sts":"active"') || hasSessionToken(payload));
}

/** Returns what an answer gives to its caller. The users of these tests have the name that `aUser()` gives them. */
export function given({ status, text, cookies, headers }: TestAnswer): string {
  if (status >= 500) return String(status);
  const parts = [
    hasSessionToken([text, ...cookies, ...Object.values(headers)].join('\n')) ? the.token : undefined,
    text.includes('"status":"active"') ? the.session : undefined,
    text.includes('"first_name":"Target"') ? the.user : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(', ') || 'nothing';
}
