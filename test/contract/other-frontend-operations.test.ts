// Operations of the Frontend API that official clients call besides signing in and using a session.
import { describe, expect, inject, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { aPendingActorToken, aSignedInBrowser } from '../support/given.ts';
import { call } from '../support/http.ts';
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
    expect(json.client.sessions[0].last_active_token).toBeNull();
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

  test.each(['', 'Bearer '])(
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

describe("the scripts of Clerk's loaders", () => {
  test("the scripts of Clerk's loaders are redirected to a public CDN", async () => {
    const { status, headers } = await call({ path: '/npm/@clerk/clerk-js@6/dist/clerk.browser.js' });

    expect(status).toBe(307);
    expect(headers).toMatchObject({
      location: 'https://cdn.jsdelivr.net/npm/@clerk/clerk-js@6/dist/clerk.browser.js',
      'access-control-allow-origin': '*',
    });
  });

  test.each([
    '/npm/evil@1/x.js',
    '/npm/@clerk/../evil@1/x.js',
    '/npm/@clerk/clerk-js@6/../../evil/x.js',
    '/npm/@clerk/clerk-js@6',
    '/npm/@clerk/clerk-js@6/dist/%2e%2e/x.js',
    '/npm/@evil/clerk-js@6/dist/x.js',
  ])("nothing but the scripts of Clerk's loaders is redirected: %s", async (path) => {
    expect(outcome(await call({ path }))).toEqual(refusal(404, 'resource_not_found'));
  });
});
