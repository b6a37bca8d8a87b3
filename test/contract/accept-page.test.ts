import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { startAtNoon } from '../support/clock.ts';
import { aPendingActorToken, aUser } from '../support/given.ts';
import { startApi, type TestAnswer, testInstance } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';
import { refusedTickets } from '../support/refused-tickets.ts';
import { itemsWith } from '../support/scan.ts';
import { storedItem, storeItem } from '../support/stored.ts';

/** A deployment without a sign-in page. */
const { call } = startApi(testInstance({ SIGN_IN_URL: '' }));
const signInUrl = inject('stack').environment.SIGN_IN_URL ?? '';
const withSignInPage = startApi(testInstance());

startAtNoon();

const { allowedOrigin } = inject('stack');
const asPerson = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

function open(ticket: string, more = ''): Promise<TestAnswer> {
  return call({ path: `/v1/tickets/accept?ticket=${encodeURIComponent(ticket)}${more}`, headers: asPerson });
}

/** Returns the text that a person reads, in one line. */
function words({ text }: TestAnswer): string {
  const main = /<main>(.*)<\/main>/s.exec(text)?.[1] ?? '';
  return main
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

function element(name: string, { text }: Pick<TestAnswer, 'text'>): string {
  return new RegExp(`<${name}[^>]*>(.*?)</${name}>`, 's').exec(text)?.[1] ?? '';
}

describe('the page of a link', () => {
  test('the page of a link names actor, target, duration and the end of the link', async () => {
    const user_id = await aUser({ first_name: 'Ada', last_name: 'Lovelace', email_address: ['ada@example.com'] });
    const actor = { sub: 'support_7', name: 'Sam Support' };
    const times = { expires_in_seconds: 600, session_max_duration_in_seconds: 5400 };
    const { ticket } = await aPendingActorToken({ user_id, actor, ...times });

    const answer = await open(ticket);

    expect(answer.status).toBe(200);
    expect(words(answer)).toContain('Sign in as Ada Lovelace');
    expect(words(answer)).toContain(`Ada Lovelace ada@example.com ${user_id}`);
    expect(words(answer)).toContain('Sam Support support_7');
    expect(words(answer)).toContain('at most 1 hour 30 minutes ends after 10 minutes without activity');
    expect(words(answer)).toContain('works once, until 14 November 2023 at 22:23 UTC');
  });

  test('the page of a link has one heading, one main part, one button, one status for what happens', async () => {
    const { ticket } = await aPendingActorToken();

    const { text } = await open(ticket);

    for (const once of ['<html lang="en">', '<title>', '<h1>', '<main>', '<button ', '<p role="status"', '<header>']) {
      expect(text.split(once), once).toHaveLength(2);
    }
  });

  test('the page of a link contains the ticket in a hidden field of its form only', async () => {
    const { ticket } = await aPendingActorToken();

    const { text } = await open(ticket);

    expect(text.split(ticket)).toHaveLength(2);
    expect(element('form', { text })).toContain(`<input type="hidden" name="ticket" value="${ticket}">`);
    expect(text).toContain('<form method="post" action="accept">');
  });

  test('the page of a link needs no script: its button is not disabled', async () => {
    const { ticket } = await aPendingActorToken();

    const { text } = await open(ticket);

    expect(text).toContain('<button type="submit"><span class="short">Sign in as <bdi>Target</bdi></span></button>');
    expect(text).not.toContain('<noscript');
  });

  test('the page of a link leads to the app where it has a sign-in page, and says so', async () => {
    const { ticket } = await aPendingActorToken();
    const { host } = new URL(signInUrl);

    const answer = await withSignInPage.call({ path: `/v1/tickets/accept?ticket=${ticket}`, headers: asPerson });

    expect(words(answer)).toContain('Sign in as Target You are about to use');
    expect(element('button', answer)).toBe(`<span class="short">Continue to ${host} as <bdi>Target</bdi></span>`);
    expect(words(answer)).toContain(
      `Nothing happens until you press the button. It ends any other session of this browser, and ${host} then signs you in.`,
    );
    expect(answer.headers['content-security-policy']).toContain(`form-action 'self' ${new URL(signInUrl).origin};`);
    expect(answer.headers).not.toHaveProperty('location');
  });

  test('the page of a link forbids caches, frames, other sites and indexes, and runs only its own script', async () => {
    const { ticket } = await aPendingActorToken();

    const answer = await open(ticket);

    const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    const policy = (answer.headers['content-security-policy'] ?? '').split('; ');
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'strict-origin',
      'cross-origin-opener-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'x-robots-tag': 'noindex',
    });
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    expect(answer.cookies).toEqual([]);
    expect(policy).toEqual([
      "default-src 'none'",
      'img-src data:',
      `script-src ${hash(element('script', answer))}`,
      `style-src ${hash(element('style', answer))}`,
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ]);
    expect(answer.text).toContain('<link rel="icon" href="data:,">');
    expect(answer.text).not.toMatch(/ style=| on[a-z]+=|javascript:/);
  });

  test('the script of the page is the same for every link', async () => {
    const [first, second] = [await aPendingActorToken(), await aPendingActorToken()];

    expect(element('script', await open(first.ticket))).toBe(element('script', await open(second.ticket)));
  });

  test.each([
    ['markup', '<img src=x onerror=alert(1)>'],
    ['the end of an attribute', '"><script>alert(1)</script>'],
    ['the end of an element', "</title></bdi></template><script>alert('1')</script>"],
    ['an entity', '&lt;script&gt;'],
    ['a template', '{{7*7}}<%= 7*7 %>'],
  ])('the page of a link shows %s in names as text', async (_, name) => {
    const user_id = await aUser({ first_name: name, last_name: name, external_id: `${name}${Math.random()}` });
    const { ticket } = await aPendingActorToken({ user_id, actor: { sub: name, name: `by ${name}` } });

    const answer = await open(ticket);

    const escaped = name
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .replace(/"/g, '&quot;')
      .replace(/'/g, '&#39;');
    expect(answer.status).toBe(200);
    expect(answer.text).toContain(`<bdi>${escaped} ${escaped}</bdi>`);
    expect(answer.text).toContain(`by ${escaped}</bdi>`);
    if (name.includes('<')) expect(answer.text).not.toContain(name);
    expect(answer.text.split('<script')).toHaveLength(2);
  });

  test('the page of a link shows no invisible character and no bidi control of a name', async () => {
    const name = 'A\u2069\u202egro.live\u202c\u200b';
    const { id, ticket, userId } = await aPendingActorToken({ actor: { sub: 's', name } });
    // A user who was stored before such names were refused.
    await storeItem('USERS', { ...(await storedItem('USERS', { id: userId })), first_name: name });

    const answer = await open(ticket);

    expect(answer.text.split('A\ufffd\ufffdgro.live\ufffd\ufffd').length).toBeGreaterThan(4);
    expect(answer.text).not.toMatch(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/u);
    expect((await storedItem('ACTOR_TOKENS', { id }))?.actor).toBe(JSON.stringify({ sub: 's', name }));
  });

  test.each([
    ['a name', { sub: 's', name: 'Sam', email: 'sam@example.com' }, 'Sam'],
    ['an e-mail address', { sub: 's', email: 'sam@example.com' }, 'sam@example.com'],
    [
      'a name that nobody can see',
      { sub: 'only-sub', name: '\u200b\u2060', email: 'sam@example.com' },
      'sam@example.com',
    ],
    ['names that are none', { sub: 'only-sub', name: { first: 'x' }, full_name: '  ', email: 7 }, 'only-sub'],
  ])('the page of a link calls an actor with %s by it', async (_, actor, name) => {
    const { ticket } = await aPendingActorToken({ actor });

    expect(words(await open(ticket))).toContain(`Acting ${name}`);
  });

  test('the page of a link shows the reason, and none where there is none', async () => {
    const withReason = await aPendingActorToken({ reason: 'Case 4711: <b>invoice</b> not visible' });
    const without = await aPendingActorToken();

    expect(words(await open(withReason.ticket))).toContain(
      'Reason Case 4711: &lt;b&gt;invoice&lt;/b&gt; not visible For at most',
    );
    expect(words(await open(without.ticket))).not.toContain('Reason');
  });

  test('the page of a link is also shown to programs that accept anything', async () => {
    const { ticket } = await aPendingActorToken();

    const answer = await call({ path: `/v1/tickets/accept?ticket=${ticket}`, headers: { accept: '*/*' } });

    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
  });
});

describe('the page of a link shows what is configured for it:', () => {
  const logoUrl = 'https://cdn.example.com/brand/logo.svg?v=2';

  test('a logo beside the name, from exactly its origin, and as the icon', async () => {
    const api = startApi(testInstance({ LOGO_URL: logoUrl, APPLICATION_NAME: 'Example' }));
    const { ticket } = await aPendingActorToken();

    const answer = await api.call({ path: `/v1/tickets/accept?ticket=${ticket}`, headers: asPerson });

    expect(element('header', answer)).toBe(`<p><img src="${logoUrl}" alt=""><bdi>Example</bdi></p>`);
    expect(answer.text).toContain(`<link rel="icon" href="${logoUrl}">`);
    expect(answer.headers['content-security-policy']?.split('; ')).toContain('img-src https://cdn.example.com');
  });

  test.each([
    ['mailto:support@example.com', 'support@example.com'],
    ['https://example.com/help/', 'example.com/help'],
    ['https://help.example.com', 'help.example.com'],
  ])('the address of help %s, where the link does not work', async (helpUrl, shown) => {
    const api = startApi(testInstance({ HELP_URL: helpUrl }));
    const { ticket } = await aPendingActorToken();
    const openWithHelp = (each: string) => api.call({ path: `/v1/tickets/accept?ticket=${each}`, headers: asPerson });

    const refused = await openWithHelp('x');

    expect(refused.text).toContain(`<p>Help and new links: <a href="${helpUrl}">${shown}</a></p>`);
    expect((await openWithHelp(ticket)).text).not.toContain(helpUrl);
  });
});

describe('opening the page', () => {
  test('opening the page changes nothing, however often and by any method', async () => {
    const { ticket, id, userId } = await aPendingActorToken();
    const before = await Promise.all([storedItem('ACTOR_TOKENS', { id }), storedItem('USERS', { id: userId })]);

    await Promise.all([open(ticket), open(ticket), open(ticket)]);
    const head = await call({ method: 'HEAD', path: `/v1/tickets/accept?ticket=${ticket}`, headers: asPerson });

    expect(head).toMatchObject({ status: 200, text: '', cookies: [] });
    expect(await Promise.all([storedItem('ACTOR_TOKENS', { id }), storedItem('USERS', { id: userId })])).toEqual(
      before,
    );
    expect(await itemsWith('SESSIONS', { user_id: userId })).toEqual([]);
    expect((await new Browser().redeem(ticket)).status).toBe(200);
  });
});

describe('a link that is of no use', () => {
  test.each(refusedTickets)('a link whose ticket $what says so in words, to people', async (row) => {
    const ticket = await row.given();

    const answer = await open(ticket);

    expect(answer.status).toBe(row.status);
    expect(words(answer)).toMatch(new RegExp(`^${row.heading} .*\\. Trace id: [0-9a-f]{32}$`));
    expect(element('title', answer)).toContain(row.heading);
    expect(answer.text).not.toContain('<button');
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
    });
  });

  test.each(refusedTickets)('a link whose ticket $what says so by its code, to programs', async (row) => {
    const ticket = await row.given();

    const answers = await Promise.all(
      [{}, { accept: 'application/json' }, { accept: '*/*' }].map((headers) =>
        call({ path: `/v1/tickets/accept?ticket=${ticket}`, headers }),
      ),
    );

    expect(answers.map(outcome)).toEqual(Array(3).fill(refusal(row.status, row.code)));
  });

  const usedAt =
    /^This link has been used It was used before \( 14 November 2023 at 22:13 UTC \)\. .*inform the people/;

  test('a used link says when it was used, to the browser that used it that it was used there', async () => {
    const { ticket } = await aPendingActorToken();
    const [own, other] = [new Browser({ call }), new Browser({ call })];
    await own.redeem(ticket);
    await other.redeem((await aPendingActorToken()).ticket);
    const reopen = (browser: Browser) => browser.get(`/v1/tickets/accept?ticket=${ticket}`, asPerson);

    const [toOwn, toOther, toNobody] = [await reopen(own), await reopen(other), await open(ticket)];

    expect(words(toOwn)).toMatch(
      /^This link has been used It was used in this browser \( 14 November 2023 at 22:13 UTC \)\. /,
    );
    expect(words(toOwn)).not.toContain('inform the people');
    expect(words(toOther)).toMatch(usedAt);
    expect(words(toNobody)).toMatch(usedAt);
    expect([toOwn, toOther, toNobody].map(({ status }) => status)).toEqual([400, 400, 400]);
  });

  test('a used link leads the browser that used it on to the app', async () => {
    const api = startApi(testInstance({ SIGN_IN_URL: '', APP_URL: `${allowedOrigin}/start` }));
    const { ticket } = await aPendingActorToken();
    const browser = new Browser(api);
    await browser.redeem(ticket);

    const byLink = await browser.get(`/v1/tickets/accept?ticket=${ticket}&redirect_url=${allowedOrigin}/a`, asPerson);
    const byApp = await browser.get(`/v1/tickets/accept?ticket=${ticket}`, asPerson);

    expect(byLink.text).toContain(`href="${allowedOrigin}/a"`);
    expect(byApp.text).toContain(`href="${allowedOrigin}/start"`);
  });

  test('a link with a fault of its own names the fault and the trace id', async () => {
    const { ticket } = await aPendingActorToken();

    const answer = await open(ticket, `&ticket=${ticket}`);

    expect(answer.status).toBe(422);
    expect(words(answer)).toBe(
      `This did not work ticket is included several times. Include it once. Trace id: ${answer.headers['clerk-trace-id']}`,
    );
  });
});

describe('redirect_url', () => {
  const app = allowedOrigin;
  const host = new URL(allowedOrigin).host;

  test.each([
    [`${app}/orders?id=7#top`, `${app}/orders?id=7#top`],
    [app, `${app}/`],
    [`${app.toUpperCase()}/a/../b`, `${app}/b`],
    [`${app}/"><script>`, undefined, `${app}/%22%3E%3Cscript%3E`],
    [`${app}/?q=%22%3E`, `${app}/?q=%22%3E`],
  ])('redirect_url %s is kept, and offered as the way onward after the sign-in', async (given, ...expected) => {
    const { ticket } = await aPendingActorToken();

    const offered = await open(ticket, `&redirect_url=${encodeURIComponent(given)}`);
    const signedIn = await new Browser({ call }).accept(ticket, asPerson, { redirect_url: given });

    const href = expected.find((each) => each !== undefined);
    expect(offered.text).toContain(`<input type="hidden" name="redirect_url" value="${href}">`);
    expect(signedIn.text).toContain(
      `<a class="button" href="${href}"><span class="short">Continue to ${host}</span></a>`,
    );
  });

  const dropped = [
    'https://evil.example/',
    `https://evil.example/?${app}`,
    `${app}.evil.example/`,
    `${app}@evil.example/`,
    `http://user@${host}/`,
    `http://user:secret@${host}/`,
    `https://${host}/`,
    `//${host}/`,
    '/orders',
    'orders',
    '',
    `http:\\\\${host}\\`,
    `${app}/\\..\\x`,
    `${app}\\@evil.example/`,
    `http:/${host}/`,
    `http:${host}/`,
    ` ${app}/`,
    `${app}/ x`,
    `${app}/\n`,
    `ht\ttp://${host}/`,
    `${app}/é`,
    'javascript:alert(1)',
    `javascript://${host}/%0aalert(1)`,
    'data:text/html,x',
    `blob:${app}/x`,
  ];

  test.each([
    ...dropped.map((each) => [each, each]),
    ['too long', `${app}/${'a'.repeat(2048)}`],
    ['too long once it is encoded', `${app}/${'"'.repeat(1000)}`],
  ])('redirect_url %j is dropped, and the sign-in still works', async (_, given = '') => {
    const { ticket } = await aPendingActorToken();

    const offered = await open(ticket, `&redirect_url=${encodeURIComponent(given)}`);
    const signedIn = await new Browser({ call }).accept(ticket, asPerson, { redirect_url: given });

    expect([offered.status, signedIn.status]).toEqual([200, 200]);
    expect(offered.text).not.toContain('redirect_url');
    expect(signedIn.text).not.toContain('<a ');
    expect(offered.text + signedIn.text).not.toContain('evil');
  });

  test('redirect_url goes before the page of the app, to which a link without one leads', async () => {
    const api = startApi(testInstance({ SIGN_IN_URL: '', APP_URL: `${app}/start` }));
    const accept = async (form: Readonly<Record<string, string>>) =>
      (await new Browser(api).accept((await aPendingActorToken()).ticket, asPerson, form)).text;

    expect(await accept({ redirect_url: `${app}/orders` })).toContain(`<a class="button" href="${app}/orders">`);
    expect(await accept({})).toContain(`<a class="button" href="${app}/start">`);
    expect(await accept({ redirect_url: 'https://evil.example/' })).toContain(`<a class="button" href="${app}/start">`);
  });

  test('redirect_url is dropped when it is given twice', async () => {
    const { ticket } = await aPendingActorToken();
    const one = `&redirect_url=${encodeURIComponent(app)}`;

    expect((await open(ticket, one + one)).text).not.toContain('redirect_url');
  });
});

describe('the banner', () => {
  let script: TestAnswer;
  beforeAll(async () => {
    script = await call({ path: '/v1/impersonation-banner.js', headers: { origin: 'https://anywhere.example' } });
  });

  test('the banner is a script that any page may load and cache for five minutes', () => {
    expect(script.status).toBe(200);
    expect(script.headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=300',
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    });
    expect(script.headers).not.toHaveProperty('access-control-allow-credentials');
    expect(script.cookies).toEqual([]);
  });

  test('the banner turns nothing that it shows into markup or code', () => {
    expect(script.text).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function/);
  });
});
