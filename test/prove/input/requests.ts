// Events of API Gateway that are mutations of valid requests to each operation.
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { inject } from 'vitest';
import { routes } from '../../../functions/routes.ts';
import { aPendingActorToken, aSignedInBrowser, type GivenSession } from '../../support/given.ts';
import { eventOf } from '../../support/http.ts';
import { jsonWith, mutatedJson, ODD_VALUES } from './json.ts';
import type { Choices } from './seeded.ts';
import { mutated, ODD_TEXTS } from './texts.ts';

type Route = (typeof routes)[number];

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
interface Draft {
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
const ownOrigin = new URL(environment.FRONTEND_API_URL ?? '').origin;
const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

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
    identifier_id: `blid_${'0'.repeat(27)}`,
    'proxy+': '@clerk/clerk-js@6/dist/clerk.browser.js',
  };
  return path.replace(/\{([^}]+)\}/g, (_, name: string) => ids[name] ?? '');
}

/** Encoded pairs of the parameters that have a valid value. */
function pairsOf(names: readonly string[], subject: Subject): readonly string[] {
  const valid = Object.entries(valuesFor(subject)).filter(([name]) => names.includes(name));
  return valid.map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
}

const namesOf = (schema: { readonly entries: object } | undefined) => Object.keys(schema?.entries ?? {});

/** Returns a valid request of an operation, or one that is as valid as the subject still permits. */
function validDraft(route: Route, subject: Subject): Draft {
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

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND'];
const OVERRIDES = [
  'DELETE',
  'PATCH',
  'PUT',
  'put',
  'GET',
  'POST',
  'HEAD',
  'OPTIONS',
  '',
  'DELETE,PATCH',
  '__proto__',
  ' DELETE',
];

const HEADERS: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    authorization: [
      '',
      'Bearer',
      'Bearer ',
      'Basic eDp4',
      'bearer x',
      'Bearer a.b.c',
      'Bearer x, Bearer y',
      'Bearer sk_live_x',
    ],
    'content-type': [
      '',
      'text/plain',
      'application/json; charset=utf-16',
      'application/json;charset="utf-8"',
      'multipart/form-data; boundary=x',
      'application/json, text/html',
      ';',
      JSON_TYPE,
      FORM_TYPE,
    ],
    'content-encoding': ['gzip', 'br', 'identity', 'x', ''],
    'content-length': ['-1', '0', '99999999999', 'x'],
    accept: ['text/html', '*/*', 'application/json;q=0', '', 'text/html,'.repeat(500)],
    origin: [
      'null',
      '',
      'https://evil.example',
      `${allowedOrigin}/`,
      `${allowedOrigin}, ${allowedOrigin}`,
      allowedOrigin.toUpperCase(),
      ownOrigin,
    ],
    'sec-fetch-site': ['cross-site', 'same-site', 'none', 'x'],
    'sec-fetch-dest': ['iframe', 'image', 'empty', ''],
    'sec-purpose': ['prefetch'],
    'clerk-api-version': [
      '2021-02-05',
      '2025-02-30',
      'x',
      '0000-00-00',
      '+275760-09-13',
      '9999-99-99',
      '2021-02-05T00:00:00Z',
    ],
    'if-none-match': ['*', '"x"', 'W/"x"', '"x", "y"', ','],
    'x-http-method-override': ['DELETE', 'PATCH'],
    'x-forwarded-for': ['127.0.0.1', 'x'.repeat(3000)],
    'x-origin-secret': ['x'],
    'x-viewer-address': ['::1'],
    'user-agent': ['', 'x'.repeat(5000), '\ud83d', '<script>'],
    'accept-language': ['de', '*', 'x'.repeat(1000)],
    cookie: ['__Host-client=x', '=', ';;;', 'a'],
    host: ['evil.example', ''],
    ['__proto__']: ['x'],
    constructor: ['x'],
  }),
);

const QUERY_NAMES = [
  ...new Set(routes.flatMap(({ query, form, json }) => [query, form, json].flatMap(namesOf))),
  ...[
    '_method',
    '_is_native',
    '__clerk_api_version',
    '__clerk_db_jwt',
    '_clerk_session_id',
    'suffixed_cookies',
    'rotating_token_nonce',
  ],
  ...['__proto__', 'constructor', 'x', 'limit[]', 'limit[0]', ''],
];

const COOKIE_NAMES = [
  '__Host-client',
  '__client',
  '__Host-client_hash',
  '__session',
  '__client_uat',
  '__clerk_handshake',
  '',
  '__proto__',
];

/** A text for a place in which any text can stand. */
function anyText(choices: Choices, valid: string): string {
  return choices.onceIn(2) && valid !== '' ? mutated(valid, choices)[1] : choices.pick(ODD_TEXTS);
}

/** Encodes a text for a query, a form or a path. Once in four times it stays as it is. */
function encoded(text: string, { onceIn }: Choices): string {
  return onceIn(4) ? text : encodeURIComponent(text.toWellFormed());
}

function mutatePairs(pairs: readonly string[], names: readonly string[], choices: Choices): readonly string[] {
  const { below, pick, onceIn } = choices;
  const at = below(Math.max(pairs.length, 1));
  const [[name = '', value = ''] = []] = new URLSearchParams(pairs[at] ?? '');
  const own = names.length > 0 && onceIn(2) ? pick(names) : name || pick(QUERY_NAMES);
  const changed = `${own}=${encoded(anyText(choices, value), choices)}`;
  return pick([
    () => pairs.toSpliced(at, 1, changed),
    () => [...pairs, changed],
    () => [changed, ...pairs],
    () => [...pairs, ...(pairs[at] === undefined ? [] : [pairs[at]])],
    () => pairs.toSpliced(at, 1),
    () => [...pairs, encoded(pick(ODD_TEXTS), choices)],
    () =>
      Array.from({ length: pick([51, 300]) }, (_, index) => `${pick(['x', own])}${pick(['', String(index)])}=${index}`),
  ])();
}

/** A mutation of a request, by its name. */
type Change = readonly [name: string, change: (draft: Draft, choices: Choices, route: Route) => Partial<Draft>];

/** Once in four times JSON is read as bytes that are not UTF-8, or stands in UTF-16. */
function bytesOf(text: string, { pick, onceIn, below }: Choices): string | Buffer {
  if (!onceIn(4)) return text;
  return pick([
    () => Buffer.from(text, 'latin1'),
    () => Buffer.from(text, 'utf16le'),
    () => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]),
    () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]),
    () =>
      Buffer.concat([
        Buffer.from(text.slice(0, below(text.length + 1))),
        Buffer.from([pick([0, 0x80, 0xc0, 0xed, 0xff])]),
        Buffer.from(text),
      ]),
  ])();
}

const CHANGES: readonly Change[] = [
  ['another method', (_draft, { pick }) => ({ method: pick(METHODS) })],
  [
    'a method override',
    ({ method, query }, { pick, onceIn }) => ({
      method: onceIn(2) ? 'POST' : method,
      query: [
        ...query,
        `_method=${encodeURIComponent(pick(OVERRIDES))}`,
        ...(onceIn(4) ? [`_method=${pick(['PUT', 'DELETE'])}`] : []),
      ],
    }),
  ],
  [
    'another path',
    ({ path }, choices) => {
      const { below, pick } = choices;
      const segments = path.split('/');
      const at = 1 + below(segments.length - 1);
      const text = encodeURIComponent(anyText(choices, segments[at] ?? '').toWellFormed());
      const change = pick([
        () => segments.toSpliced(at, 1, text).join('/'),
        () => segments.toSpliced(at, 0, text).join('/'),
        () => segments.toSpliced(at, 1).join('/') || '/',
        () => `${path}${pick(['/', '//', '/.', '/..', '%2f', '%00', '.json', ';x=y'])}`,
        () => path.toUpperCase().replace(/%(?![0-9A-F]{2})/g, '%25'),
      ]);
      return { path: change() };
    },
  ],
  [
    'another id',
    ({ path }, choices) => ({
      pathParameter: anyText(choices, path.split('/').findLast((each) => each.includes('_')) ?? ''),
    }),
  ],
  ['another query', ({ query }, choices, route) => ({ query: mutatePairs(query, namesOf(route.query), choices) })],
  [
    'another header',
    ({ headers }, choices) => {
      const [name, values] = choices.pick([...HEADERS]);
      const value = choices.onceIn(3) ? anyText(choices, headers.get(name) ?? '') : choices.pick(values);
      return { headers: new Map([...headers, [name, value]]) };
    },
  ],
  [
    'a header less',
    ({ headers }, { below }) => ({ headers: new Map([...headers].toSpliced(below(Math.max(headers.size, 1)), 1)) }),
  ],
  ['capitals in the names of headers', () => ({ hasCapitalHeaders: true })],
  ['cookies in a header', () => ({ hasCookieHeader: true })],
  [
    'other cookies',
    ({ cookies }, choices) => {
      const { pick, below } = choices;
      const at = below(Math.max(cookies.length, 1));
      const cookie = cookies[at] ?? '';
      const another = `${pick(COOKIE_NAMES)}=${anyText(choices, cookie.split('=')[1] ?? '')}`;
      const change = pick([
        () => [...cookies, another],
        () => [another, ...cookies],
        () => cookies.toSpliced(at, 1),
        () => cookies.toSpliced(at, 1, anyText(choices, cookie)),
        () => [...cookies, cookie],
        () => cookies.map((each) => `${pick([' ', '\u2000', '\t'])}${each}`),
        () => [...Array.from({ length: 200 }, (_, index) => `c${index}=${index}`), ...cookies],
      ]);
      return { cookies: change() };
    },
  ],
  [
    'another JSON body',
    ({ body }, choices, { json }) => ({
      body: bytesOf(mutatedJson(parsed(body?.toString() ?? ''), choices, namesOf(json))[1], choices),
    }),
  ],
  [
    'another form',
    ({ body }, choices, { form }) => {
      const pairs = (body?.toString() ?? '').split('&').filter((pair) => pair !== '');
      return { body: bytesOf(mutatePairs(pairs, namesOf(form), choices).join('&'), choices) };
    },
  ],
  [
    'any bytes as the body',
    (_draft, { below }) => ({ body: Buffer.from(Array.from({ length: below(200) }, () => below(256))) }),
  ],
  [
    'a huge body',
    (_draft, { pick }) => ({ body: pick(['x', '{"a":', '[', 'a=', '%', '\0', 'é']).repeat(pick([30_000, 65_537])) }),
  ],
  ['no body', () => ({ body: undefined })],
  ['a body in base64', () => ({ isInBase64: true })],
  [
    'no credentials',
    ({ headers }) => ({ cookies: [], headers: new Map([...headers].filter(([name]) => name !== 'authorization')) }),
  ],
];

const LONGEST_BASE = 2000;

/** The JSON value of a text that another mutation may have broken, or made very long or deep. */
function parsed(text: string) {
  if (text.length > LONGEST_BASE) return {};
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

const inCapitals = (name: string) => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());

/** Writes a request into an event. */
function eventFrom(draft: Draft): APIGatewayProxyEventV2 {
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

const changeOf = (name: string) => CHANGES.filter(([each]) => each === name);

/** The mutations of a request to a route, with those of the places that it reads several times. */
function changesOf({ path, json, form, query }: Route): readonly Change[] {
  const own = [
    ...(path.includes('{') ? changeOf('another id') : []),
    ...(json ? changeOf('another JSON body') : []),
    ...(form ? changeOf('another form') : []),
    ...(query ? changeOf('another query') : []),
  ];
  return [...CHANGES, ...Array.from({ length: 8 }, () => own).flat()];
}

/** Routes with the mutations of their requests. One with many parameters is there several times. */
const weighted = routes.flatMap((route) => {
  const parameters = [route.json, route.form, route.query].flatMap(namesOf).length;
  return Array.from({ length: 1 + Math.min(parameters, 4) }, () => ({ route, changes: changesOf(route) }));
});

/** Operations after which the subject has no session, no ticket or no user. */
const FINAL = /^(Delete|Remove|Revoke|End|Ban|CreateSignIn|AcceptTicket|CreateBlocklist)/;
const gentle = weighted.filter(({ route }) => !FINAL.test(route.operation));

/** One place of a request, and what stands there. */
interface Placed {
  readonly route: Route;
  readonly name: string;
  readonly change: (draft: Draft) => Partial<Draft>;
}

function withPair(pairs: readonly string[], name: string, text: string): readonly string[] {
  const others = pairs.filter((pair) => !pair.startsWith(`${name}=`));
  return [...others, `${name}=${encodeURIComponent(text.toWellFormed())}`];
}

/** Each odd text or value in each place of the requests to a route that the route reads. */
function sweepOf(route: Route): readonly Placed[] {
  const texts = (name: string, change: (text: string) => Placed['change']): readonly Placed[] =>
    ODD_TEXTS.map((text) => ({ route, name: `${name} ${JSON.stringify(text).slice(0, 20)}`, change: change(text) }));
  const pairsIn = (text: string | Buffer | undefined) => (text ?? '').toString().split('&');
  return [
    ...(route.path.includes('{') ? texts('the path with', (text) => () => ({ pathParameter: text })) : []),
    ...namesOf(route.query).flatMap((name) =>
      texts(`${name} in the query with`, (text) => ({ query }) => ({ query: withPair(query, name, text) })),
    ),
    ...namesOf(route.form).flatMap((name) =>
      texts(`${name} in the form with`, (text) => ({ body }) => ({
        body: withPair(pairsIn(body), name, text).join('&'),
      })),
    ),
    ...namesOf(route.json).flatMap((name) =>
      ODD_VALUES.map((value) => ({
        route,
        name: `${name} in the body with ${value.slice(0, 20)}`,
        change: ({ body }: Draft) => ({ body: jsonWith(parsed(body?.toString() ?? ''), name, value) }),
      })),
    ),
    ...(route.audience === 'backend'
      ? texts('the secret key with', (text) => ({ headers }) => ({
          headers: new Map([...headers, ['authorization', `Bearer ${text}`]]),
        }))
      : texts('the cookie with', (text) => () => ({ cookies: [`__Host-client=${text}`] }))),
  ];
}

/** Each odd text and value in each place of the requests to all routes. Requests that may end what the subject has are the last. */
const sweep = [...gentle, ...weighted]
  .map(({ route }) => route)
  .filter((route, index, all) => all.indexOf(route) === index)
  .flatMap(sweepOf);

export const sweepLength = sweep.length;

/** Returns a request of the sweep. */
export function swept(number: number, subject: Subject): Mutant {
  const found = sweep[number];
  if (!found) throw new Error(`The sweep has no request ${number}.`);
  const { route, name, change } = found;
  const draft = validDraft(route, subject);
  return { operation: route.operation, names: [name], event: eventFrom({ ...draft, ...change(draft) }) };
}

export interface Mutant {
  readonly operation: string;
  /** The names of the mutations. */
  readonly names: readonly string[];
  readonly event: APIGatewayProxyEventV2;
}

/**
 * Returns a valid request with one to four mutations.
 *
 * @param mayEnd it may be a request that ends the subject's session, ticket or user
 */
export function aMutant(choices: Choices, subject: Subject, mayEnd: boolean): Mutant {
  const { route, changes } = choices.pick(mayEnd ? weighted : gentle);
  const picked = Array.from({ length: 1 + choices.below(4) }, () => choices.pick(changes));
  let draft = validDraft(route, subject);
  for (const [, change] of picked) draft = { ...draft, ...change(draft, choices, route) };
  return { operation: route.operation, names: picked.map(([name]) => name), event: eventFrom(draft) };
}
