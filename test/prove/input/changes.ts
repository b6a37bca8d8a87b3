// Mutations of requests: of the method, the path, the query, the headers, the cookies and the body.
import { inject } from 'vitest';
import { routes } from '../../../functions/routes.ts';
import { type Draft, FORM_TYPE, JSON_TYPE, namesOf, ownOrigin, parsed, type Route } from './drafts.ts';
import { mutatedJson } from './json.ts';
import type { Choices } from './seeded.ts';
import { mutated, ODD_TEXTS } from './texts.ts';

const { allowedOrigin } = inject('stack');

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
export type Change = readonly [name: string, change: (draft: Draft, choices: Choices, route: Route) => Partial<Draft>];

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

const changeOf = (name: string) => CHANGES.filter(([each]) => each === name);

/** The mutations of a request to a route, with those of the places that it reads several times. */
export function changesOf({ path, json, form, query }: Route): readonly Change[] {
  const own = [
    ...(path.includes('{') ? changeOf('another id') : []),
    ...(json ? changeOf('another JSON body') : []),
    ...(form ? changeOf('another form') : []),
    ...(query ? changeOf('another query') : []),
  ];
  return [...CHANGES, ...Array.from({ length: 8 }, () => own).flat()];
}
