// Valid requests to each operation, which can be changed, and their events of API Gateway.
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { inject } from 'vitest';
import type { routes } from '../../../functions/routes.ts';
import { pathToNobody } from '../../support/every-operation.ts';
import { aPendingActorToken, aSignedInBrowser, type GivenSession } from '../../support/given.ts';
import { eventOf } from '../../support/http.ts';

export type Route = (typeof routes)[number];

/** The subject of the requests: a signed-in browser, and another actor token, which is pending. */
export interface Subject extends GivenSession {
  readonly pendingId: string;
  readonly pendingTicket: string;
}

export async function aSubject(): Promise<Subject> {
  const session = await aSignedInBrowser();
  const pending = await aPendingActorToken({ user_id: session.userId });
  return { ...session, pendingId: pending.id, pendingTicket: pending.ticket };
}

/** A request, and how API Gateway or a tool in its place writes it into an event. */
export interface Draft {
  readonly method: string;
  readonly path: string;
  /** Encoded pairs. */
  readonly query: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
  readonly cookies: readonly string[];
  readonly body: string | Buffer | undefined;
  /** Replaces the decoded parameters of the path. */
  readonly pathParameter: string | undefined;
  /** The SAM CLI does not write the names of headers in lower case. */
  readonly hasCapitalHeaders: boolean;
  /** Cookies are in a header, and not in a member of their own. */
  readonly hasCookieHeader: boolean;
  /** The body is in base64 though it is a text. */
  readonly isInBase64: boolean;
}

const { secretKey, allowedOrigin, environment } = inject('stack');
export const ownOrigin = new URL(environment.FRONTEND_API_URL ?? '').origin;
export const JSON_TYPE = 'application/json';
export const FORM_TYPE = 'application/x-www-form-urlencoded';

/** Values that make the parameters of a query or a form valid, by their names. Any other parameter is left out. */
function valuesFor({ pendingTicket, userId }: Subject): Readonly<Record<string, string>> {
  return {
    ticket: pendingTicket,
    strategy: 'ticket',
    redirect_url: `${allowedOrigin}/page`,
    user_id: userId,
    limit: '2',
    status: 'active',
    order_by: '-created_at',
    query: 'Target',
    _clerk_js_version: '6',
  };
}

const BODIES: Readonly<Record<string, (subject: Subject) => object>> = {
  CreateActorToken: ({ userId }) => ({
    user_id: userId,
    actor: { sub: 'support', name: 'Sam' },
    expires_in_seconds: 60,
  }),
  CreateUser: () => ({ first_name: 'Ada', email_address: ['ada@example.com'], private_metadata: { note: 'x' } }),
  UpdateUser: () => ({ first_name: 'Grace', public_metadata: { plan: 'pro' } }),
  UpdateUserMetadata: () => ({ private_metadata: { note: 'y' }, public_metadata: { plan: null } }),
  CreateBlocklistIdentifier: ({ sessionId }) => ({ identifier: `nobody-${sessionId}` }),
  CreateBackendSessionToken: () => ({ expires_in_seconds: 30 }),
};

function pathOf({ path }: Route, subject: Subject): string {
  const ids: Readonly<Record<string, string>> = {
    actor_token_id: subject.pendingId,
    session_id: subject.sessionId,
    sign_in_id: subject.sessionId.replace('sess', 'sia'),
    user_id: subject.userId,
  };
  return pathToNobody(path.replace(/\{([^}]+)\}/g, (parameter, name: string) => ids[name] ?? parameter));
}

/** Encoded pairs of the parameters that have a valid value. */
function pairsOf(names: readonly string[], subject: Subject): readonly string[] {
  const valid = Object.entries(valuesFor(subject)).filter(([name]) => names.includes(name));
  return valid.map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
}

export const namesOf = (schema: { readonly entries: object } | undefined) => Object.keys(schema?.entries ?? {});

/** Returns a valid request of an operation, or one that is as valid as the subject still permits. */
export function validDraft(route: Route, subject: Subject): Draft {
  const { audience, operation, method } = route;
  const form = pairsOf(namesOf(route.form), subject).join('&');
  const body = route.json ? JSON.stringify(BODIES[operation]?.(subject) ?? {}) : form;
  const type = audience === 'backend' ? JSON_TYPE : FORM_TYPE;
  return {
    method,
    path: pathOf(route, subject),
    query: pairsOf(namesOf(route.query), subject),
    headers: new Map(
      Object.entries({
        ...(audience === 'backend' && { authorization: `Bearer ${secretKey}` }),
        ...(audience === 'frontend' && { origin: allowedOrigin }),
        ...(operation === 'AcceptTicket' && { origin: ownOrigin }),
        ...(method !== 'GET' && { 'content-type': type }),
      }),
    ),
    cookies: audience === 'backend' ? [] : [...subject.browser.cookies],
    body: method === 'GET' ? undefined : body,
    pathParameter: undefined,
    hasCapitalHeaders: false,
    hasCookieHeader: false,
    isInBase64: false,
  };
}

const LONGEST_BASE = 2000;

/** The JSON value of a text that another mutation may have broken, or made very long or deep. */
export function parsed(text: string) {
  if (text.length > LONGEST_BASE) return {};
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const inCapitals = (name: string) => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());

/** Writes a request into an event. */
export function eventFrom(draft: Draft): APIGatewayProxyEventV2 {
  const { method, path, headers, cookies, pathParameter } = draft;
  const request = { method, path, headers: Object.fromEntries(headers), cookies: draft.hasCookieHeader ? [] : cookies };
  const event = eventOf({ ...request, ...(draft.body !== undefined && { body: draft.body }) });
  const cookieHeader = draft.hasCookieHeader && { cookie: cookies.join('; ') };
  const sent = Object.entries({ ...event.headers, ...cookieHeader });
  const isText = event.body !== undefined && !event.isBase64Encoded;
  return {
    ...event,
    rawQueryString: draft.query.join('&').toWellFormed(),
    headers: Object.fromEntries(
      sent.map(([name, value]) => [draft.hasCapitalHeaders ? inCapitals(name) : name, value]),
    ),
    ...(pathParameter !== undefined &&
      event.pathParameters && {
        pathParameters: Object.fromEntries(Object.keys(event.pathParameters).map((name) => [name, pathParameter])),
      }),
    ...(draft.isInBase64 &&
      isText && { body: Buffer.from(event.body ?? '').toString('base64'), isBase64Encoded: true }),
  };
}
