// Operations of the Frontend API that official clients call besides signing in and using a session.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, inject, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { aPendingActorToken, aSignedInBrowser } from '../support/given.ts';
import { call, startApi, testInstance } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';
import { storedItem } from '../support/stored.ts';
import { decoded, signedJwt } from '../support/tickets.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

describe('the client', () => {
  test.each([
    ['POST', '/v1/client'],
    ['PUT', '/v1/client'],
    ['POST', '/v1/client?_method=PUT'],
  ])('%s %s returns the client of a browser, and creates nothing', async (method, path) => {
    const { browser, sessionId } = await aSignedInBrowser();

    const [known, unknown] = await Promise.all([browser.send(method, path), new Browser().send(method, path)]);

    expect(known.json.response).toMatchObject({ object: 'client', last_active_session_id: sessionId });
    expect(unknown).toMatchObject({ status: 200, cookies: [], json: { response: null, client: null } });
  });

  test.each([
    ['DELETE', '/v1/client'],
    ['POST', '/v1/client?_method=DELETE'],
  ])('%s %s signs the browser out and clears its cookies', async (method, path) => {
    const { browser, sessionId } = await aSignedInBrowser();

    const answer = await browser.send(method, path);

    expect(answer).toMatchObject({ status: 200, json: { response: null, client: null } });
    expect(browser.cookie('__Host-client')).toBeUndefined();
    expect(browser.cookie('__client_uat')).toBe('0');
    expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({
      end_status: 'removed',
      end_cause: 'sign_out',
    });
  });
});

test('a browser without a client deletes nothing, and loses no cookie', async () => {
  const answer = await new Browser().send('DELETE', '/v1/client');

  expect(answer).toMatchObject({ status: 200, json: { response: null, client: null }, cookies: [] });
});

describe('a sign-in is read back', () => {
  test('a browser reads back its own sign-in, complete and without a session token', async () => {
    const { browser, sessionId } = await aSignedInBrowser();

    const { status, json } = await browser.get(`/v1/client/sign_ins/${sessionId.replace('sess', 'sia')}`);

    expect(status).toBe(200);
    expect(json.response).toMatchObject({
      object: 'sign_in_attempt',
      status: 'complete',
      created_session_id: sessionId,
    });
    expect(json.client).toBeNull();
  });

  test('a sign-in is read back by no other browser, and not after its session has ended', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    const path = `/v1/client/sign_ins/${sessionId.replace('sess', 'sia')}`;
    const { browser: other } = await aSignedInBrowser();

    const foreign = await other.get(path);
    await browser.send('DELETE', '/v1/client/sessions');
    const ended = await browser.get(path);

    expect([foreign, ended].map(outcome)).toEqual(Array(2).fill(refusal(404, 'resource_not_found')));
  });
});

describe('who this browser is signed in as', () => {
  test('/v1/me is the target, without private metadata', async () => {
    const { browser, userId } = await aSignedInBrowser();

    const { status, json } = await browser.get('/v1/me?_clerk_session_id=ignored');

    expect(status).toBe(200);
    expect(json.response).toMatchObject({ object: 'user', id: userId });
    expect(json.response).not.toHaveProperty('private_metadata');
  });

  test.each(['/v1/me/sessions', '/v1/me/sessions/active'])(
    '%s lists the session of this browser only',
    async (path) => {
      const { browser, sessionId, userId } = await aSignedInBrowser();
      await aSignedInBrowser({ user_id: userId });

      const { json } = await browser.get(path);

      expect(json).toHaveLength(1);
      expect(json[0]).toMatchObject({
        id: sessionId,
        status: 'active',
        latest_activity: { object: 'session_activity' },
      });
    },
  );

  test('/v1/me/sessions has the whole session, with its user and without a session token', async () => {
    const { browser, sessionId, userId } = await aSignedInBrowser();

    const { json } = await browser.get('/v1/me/sessions');

    const shown = (await browser.get(`/v1/client/sessions/${sessionId}`)).json.response;
    expect(json).toEqual([{ ...shown, latest_activity: expect.anything() }]);
    expect(shown).toMatchObject({ user: { id: userId }, last_active_token: null });
  });

  test.each(['/v1/me/sessions', '/v1/me/sessions/active'])(
    '%s shows the browser and the address of the request itself, and nothing that is stored about the sign-in',
    async (path) => {
      const { browser, sessionId } = await aSignedInBrowser();
      const stored = await storedItem('SESSIONS', { id: sessionId });
      const userAgent = 'Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0';

      const { json } = await browser.get(path, { 'user-agent': userAgent });
      const { json: unnamed } = await browser.get(path, { 'user-agent': '' });

      expect(stored).toMatchObject({ created_with: 'test' });
      const activity = { object: 'session_activity', id: sessionId.replace('sess', 'sact'), ip_address: '192.0.2.1' };
      expect(json[0].latest_activity).toEqual({
        ...activity,
        device_type: 'Android',
        is_mobile: true,
        browser_name: 'Firefox',
        browser_version: '145',
      });
      expect(unnamed[0].latest_activity).toEqual({ ...activity, is_mobile: false });
    },
  );

  test.each(['/v1/me', '/v1/me/sessions', '/v1/me/sessions/active'])(
    '%s is refused after the sign-out',
    async (path) => {
      const { browser } = await aSignedInBrowser();
      await browser.send('DELETE', '/v1/client/sessions');

      const answers = [await browser.get(path), await new Browser().get(path)];

      expect(answers.map(outcome)).toEqual([refusal(401, 'authentication_invalid'), refusal(401, 'signed_out')]);
    },
  );
});

describe('a native application', () => {
  const native = (path: string, token?: string, headers = {}, body?: string) =>
    call({
      method: body === undefined ? 'GET' : 'POST',
      path: `${path}?_is_native=1`,
      headers: { ...FORM, ...(token === undefined ? {} : { authorization: token }), ...headers },
      ...(body === undefined ? {} : { body }),
    });

  test.each(['', 'Bearer ', 'bearer  '])(
    'a native application continues with the token it was answered, prefixed by %j',
    async (scheme) => {
      const { ticket } = await aPendingActorToken();
      const signIn = await native('/v1/client/sign_ins', '', {}, `strategy=ticket&ticket=${ticket}`);
      const { authorization = '' } = signIn.headers;

      const client = await native('/v1/client', `${scheme}${authorization}`);

      expect(signIn).toMatchObject({ status: 200, cookies: [] });
      expect(client.json.response.last_active_session_id).toBe(signIn.json.response.created_session_id);
    },
  );

  test('a page that claims to be a native application never gets the secret of its cookie', async () => {
    const { ticket } = await aPendingActorToken();
    const origin = inject('stack').allowedOrigin;

    const answer = await native('/v1/client/sign_ins', undefined, { origin }, `strategy=ticket&ticket=${ticket}`);

    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('authorization');
    expect(answer.cookies[0]).toMatch(/^__Host-client=.*HttpOnly/);
  });

  test('a native application with two tokens is refused', async () => {
    const answer = await native('/v1/client', 'a,b');

    expect(outcome(answer)).toEqual(refusal(400, 'multiple_authorization_header_values_forbidden'));
  });

  test('a native application with an invented token is nobody', async () => {
    expect((await native('/v1/client', 'client_x.y')).json).toEqual({ response: null, client: null });
  });
});

describe('signing up', () => {
  const signUp = (body: string) => call({ method: 'POST', path: '/v1/client/sign_ups', headers: FORM, body });

  test('signing up is refused to an actor token, which stays pending', async () => {
    const { id, ticket } = await aPendingActorToken();

    const answer = await signUp(`strategy=ticket&ticket=${ticket}`);

    expect(outcome(answer)).toEqual(refusal(400, 'actor_token_not_in_sign_in_code'));
    expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending' });
  });

  test('signing up is refused to any other ticket, and to those without', async () => {
    expect(outcome(await signUp('strategy=ticket&ticket=x.y.z'))).toEqual(refusal(400, 'ticket_invalid_code'));
    expect(outcome(await signUp('email_address=a'))).toEqual(refusal(422, ['form_param_value_invalid', 'strategy']));
    expect(outcome(await signUp('ticket=a&ticket=b'))).toEqual(refusal(422, ['form_param_duplicate', 'ticket']));
  });

  test('is refused to an actor token that has expired, as such', async () => {
    const { ticket } = await aPendingActorToken();
    const expired = signedJwt({ ...decoded(ticket).payload, exp: 1 });

    const answer = await signUp(`strategy=ticket&ticket=${expired}`);

    expect(outcome(answer)).toEqual(refusal(400, 'ticket_expired_code'));
  });
});

test('the environment is the same with a development key', async () => {
  const [read, patched] = await Promise.all([
    call({ path: '/v1/environment' }),
    call({ method: 'POST', path: '/v1/environment?_method=PATCH' }),
  ]);

  expect(read.json.auth_config.single_session_mode).toBe(true);
  expect(patched.json).toEqual(read.json);
});

test('a development browser gets an id, under both names that clients read', async () => {
  const { status, json } = await call({ method: 'POST', path: '/v1/dev_browser' });

  expect(status).toBe(200);
  expect(json).toEqual({ object: 'dev_browser', id: expect.stringMatching(/^dvb_[0-9A-Za-z]{27}$/), token: json.id });
});

/** The version of clerk-js that is installed, and so the one that the tests run. */
const { version: clerkJs } = JSON.parse(readFileSync('node_modules/@clerk/clerk-js/package.json', 'utf8'));

describe("the scripts of Clerk's loaders", () => {
  const FILE = 'dist/clerk.browser.js';

  test.each(['@6', '@^6.1.0', '@~6.40', '@6.x', '@latest', '@canary', ''])(
    "the scripts of Clerk's loaders are those of the tested version for a tag or a range: clerk-js%s",
    async (requested) => {
      const { status, headers } = await call({ path: `/npm/@clerk/clerk-js${requested}/${FILE}` });

      expect(existsSync(`node_modules/@clerk/clerk-js/${FILE}`)).toBe(true);
      expect(status).toBe(307);
      expect(headers).toMatchObject({
        location: `https://cdn.jsdelivr.net/npm/@clerk/clerk-js@${clerkJs}/${FILE}`,
        'access-control-allow-origin': '*',
      });
    },
  );

  test.each(['6.0.0', '5.128.0', '7.0.0-canary.v20261126'])(
    "the scripts of Clerk's loaders are those of the exact version that is requested: %s",
    async (version) => {
      const { headers } = await call({ path: `/npm/@clerk/clerk-js@${version}/${FILE}` });

      expect(headers.location).toBe(`https://cdn.jsdelivr.net/npm/@clerk/clerk-js@${version}/${FILE}`);
    },
  );

  test("the scripts of Clerk's components, which React's loader requests too, are of one version", async () => {
    const { headers } = await call({ path: '/npm/@clerk/ui@1/dist/ui.browser.js' });

    expect(headers.location).toBe('https://cdn.jsdelivr.net/npm/@clerk/ui@1.36.0/dist/ui.browser.js');
  });

  test.each(['5', '^5.1.0', '7', '60', '66.x'])(
    'a range of another major version leads nowhere: %s',
    async (version) => {
      const answer = await call({ path: `/npm/@clerk/clerk-js@${version}/${FILE}` });

      expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
      expect(answer.json.errors[0].long_message).toBe(
        `This path leads to @clerk/clerk-js ${clerkJs}. Write an exact version to load one of another major version.`,
      );
    },
  );

  test.each(['@clerk/localizations@4.18.0', '@clerk/backend@latest', '@clerk/constructor@1.0.0'])(
    'a package that the loaders do not request leads nowhere: %s',
    async (name) => {
      const answer = await call({ path: `/npm/${name}/dist/x.js` });

      expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
      expect(answer.json.errors[0].long_message).toBe(
        'Only the scripts of @clerk/clerk-js and @clerk/ui are at this path.',
      );
    },
  );

  test('another host of scripts can be configured', async () => {
    const api = startApi(testInstance({ SCRIPTS_URL: 'https://static.example.com/npm' }));

    const { headers } = await api.call({ path: `/npm/@clerk/clerk-js@6/${FILE}` });

    expect(headers.location).toBe(`https://static.example.com/npm/@clerk/clerk-js@${clerkJs}/${FILE}`);
  });

  test('a deployment that leads to no scripts refuses exact versions too, and says so', async () => {
    const api = startApi(testInstance({ SCRIPTS_URL: '' }));

    const answer = await api.call({ path: `/npm/@clerk/clerk-js@${clerkJs}/${FILE}` });

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
    expect(answer.json.errors[0].long_message).toBe(
      'This deployment leads to no scripts: bundle them with your app, or configure scriptsUrl.',
    );
  });

  test.each([
    '/npm/evil@1/x.js',
    '/npm/@clerk/../evil@1/x.js',
    '/npm/@clerk/clerk-js@6/../../evil/x.js',
    '/npm/@clerk/clerk-js@6',
    '/npm/@clerk/clerk-js@6/dist/%2e%2e/x.js',
    '/npm/@clerk/clerk-js@6.0.0/..%2f..%2fevil@1/x.js',
    '/npm/@clerk/clerk-js@6.0.0%2f..%2f..%2fevil@1/x.js',
    '/npm/@clerk/clerk-js@..%2f..%2fevil@1/x.js',
    '/npm/@evil/clerk-js@6/dist/x.js',
  ])("nothing but the scripts of Clerk's loaders is redirected: %s", async (path) => {
    expect(outcome(await call({ path }))).toEqual(refusal(404, 'resource_not_found'));
  });
});
