import { createPublicKey } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { noon, setClock, startAtNoon } from '../support/clock.ts';
import { aPendingActorToken, aSignedInBrowser } from '../support/given.ts';
import { call, callBackend, startApi, testInstance } from '../support/http.ts';
import { send } from '../support/http-browser.ts';
import { outcome, refusal } from '../support/refusal.ts';
import { storedItem } from '../support/stored.ts';
import { decoded, signedJwt, ticketKey } from '../support/tickets.ts';

startAtNoon();

const { environment, instanceId } = inject('stack');
const issuer = new URL(environment.FRONTEND_API_URL ?? '').origin;

describe('the link of an actor token', () => {
  const follow = (ticket: string) => call({ path: `/v1/tickets/accept?ticket=${encodeURIComponent(ticket)}` });

  test('the link of an actor token is the url in its answer, and shows a page', async () => {
    const { id } = await aPendingActorToken();
    const { json } = await callBackend('POST', '/v1/actor_tokens', {
      user_id: (await storedItem('ACTOR_TOKENS', { id }))?.user_id,
      actor: { sub: 'a' },
    });

    const { pathname, search, origin } = new URL(json.url);
    const answer = await call({ path: `${pathname}${search}` });

    expect(origin).toBe(issuer);
    expect(answer).toMatchObject({ status: 200, cookies: [] });
    expect(answer.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8' });
    expect(answer.headers).not.toHaveProperty('location');
  });

  test('the link of an actor token redeems nothing, however often it is opened', async () => {
    const { ticket, id } = await aPendingActorToken();
    const before = await storedItem('ACTOR_TOKENS', { id });

    await Promise.all([follow(ticket), follow(ticket), follow(ticket)]);

    expect(await storedItem('ACTOR_TOKENS', { id })).toEqual(before);
    expect((await new Browser().redeem(ticket)).status).toBe(200);
  });

  test('opening the link signs nobody out', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    const { ticket } = await aPendingActorToken();

    const answer = await browser.get(`/v1/tickets/accept?ticket=${ticket}`);

    expect(answer.cookies).toEqual([]);
    expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(200);
  });

  test.each([
    ['no ticket', ''],
    ['garbage', 'x.y.z'],
    ['a script', '"><script>alert(1)</script>'],
  ])('the link of an actor token leads nowhere with %s, and repeats none of it', async (_, ticket) => {
    const answer = await follow(ticket);

    expect(outcome(answer)).toEqual(refusal(400, 'ticket_invalid_code'));
    expect(answer.headers).not.toHaveProperty('location');
    expect(answer.text).not.toContain('script');
  });

  test('the link of an actor token leads nowhere without a query', async () => {
    const answer = await call({ path: '/v1/tickets/accept' });

    expect(outcome(answer)).toEqual(refusal(400, 'ticket_invalid_code'));
  });

  test('the link of an actor token leads nowhere with a forged ticket', async () => {
    const { ticket } = await aPendingActorToken();

    const answer = await follow(signedJwt({ ...decoded(ticket).payload, iid: 'ins_x' }));

    expect(outcome(answer)).toEqual(refusal(400, 'ticket_invalid_code'));
  });

  test('the link of an actor token leads nowhere with an expired ticket', async () => {
    const { ticket } = await aPendingActorToken({ expires_in_seconds: 60 });
    setClock(noon + 60_000);

    const answer = await follow(ticket);

    expect(outcome(answer)).toEqual(refusal(400, 'ticket_expired_code'));
  });

  test('the link leads nowhere with two tickets', async () => {
    const { ticket } = await aPendingActorToken();

    const answers = [
      await call({ path: `/v1/tickets/accept?ticket=${ticket}&ticket=x` }),
      await call({ path: `/v1/tickets/accept?ticket=${ticket}&ticket=${ticket}` }),
    ];

    expect(answers.map(outcome)).toEqual(Array(2).fill(refusal(422, ['form_param_duplicate', 'ticket'])));
  });

  test('a link that leads nowhere sends no referrer', async () => {
    const answer = await follow('garbage');

    expect(answer.headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
  });
});

describe('the keys', () => {
  test('the keys are published for anyone for five minutes, and for servers where the SDK looks', async () => {
    const open = await call({ path: '/.well-known/jwks.json', headers: { origin: 'https://anywhere.example' } });
    const backend = await callBackend('GET', '/v1/jwks');

    expect(outcome(open)).toEqual({
      status: 200,
      json: {
        keys: [
          {
            use: 'sig',
            kty: 'RSA',
            kid: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
            alg: 'RS256',
            n: expect.stringMatching(/^[A-Za-z0-9_-]{342}$/),
            e: 'AQAB',
          },
        ],
      },
    });
    expect(open.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=300',
      'content-type': 'application/json',
    });
    expect(open.headers).not.toHaveProperty('access-control-allow-credentials');
    expect(outcome(backend)).toEqual(outcome(open));
    expect(backend.headers).toMatchObject({ 'cache-control': 'no-store' });
  });

  test('the published keys do not include the ticket key', async () => {
    const { json } = await call({ path: '/.well-known/jwks.json' });

    const { n } = createPublicKey(ticketKey()).export({ format: 'jwk' });
    expect(json.keys.map((key: { n: string }) => key.n)).not.toContain(n);
  });

  test('the keys for servers need a valid secret key, and refuse with the code that the SDK expects', async () => {
    const answer = await call({ path: '/v1/jwks', headers: { authorization: `Bearer sk_live_${'x'.repeat(40)}` } });

    expect(outcome(answer)).toEqual(refusal(401, 'clerk_key_invalid'));
  });
});

test('discovery names the issuer of session tokens and where its keys are', async () => {
  const answer = await call({ path: '/.well-known/openid-configuration' });

  expect(outcome(answer)).toEqual({
    status: 200,
    json: {
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      authorization_endpoint: `${issuer}/oauth/authorize`,
      token_endpoint: `${issuer}/oauth/token`,
      revocation_endpoint: `${issuer}/oauth/token/revoke`,
      introspection_endpoint: `${issuer}/oauth/token_info`,
      userinfo_endpoint: `${issuer}/oauth/userinfo`,
      scopes_supported: ['openid'],
      response_types_supported: ['none'],
      response_modes_supported: ['query'],
      grant_types_supported: ['urn:ietf:params:oauth:grant-type:jwt-bearer'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['none'],
      claims_supported: ['act', 'azp', 'exp', 'fva', 'iat', 'iss', 'nbf', 'sid', 'sts', 'sub', 'v'],
      code_challenge_methods_supported: ['S256'],
      backchannel_logout_supported: false,
      frontchannel_logout_supported: false,
    },
  });
  expect(answer.headers).toMatchObject({ 'access-control-allow-origin': '*', 'cache-control': 'public, max-age=300' });
});

// OpenID Connect Discovery 1.0 sections 3 and 4.2, RFC 8414 sections 2 and 3.2, as strict readers of metadata check them.
describe('discovery is metadata that a strict reader accepts', () => {
  const metadata = async (): Promise<Readonly<Record<string, unknown>>> =>
    (await call({ path: '/.well-known/openid-configuration' })).json;

  test('no list is empty, and a list has texts', async () => {
    const lists = Object.values(await metadata()).filter(Array.isArray);

    expect(lists.length).toBeGreaterThan(0);
    for (const list of lists) {
      expect(list).not.toHaveLength(0);
      expect(list.every((each) => typeof each === 'string' && each !== '')).toBe(true);
    }
  });

  test.each([
    'issuer',
    'authorization_endpoint',
    'token_endpoint',
    'jwks_uri',
    'response_types_supported',
    'subject_types_supported',
    'id_token_signing_alg_values_supported',
  ])('the required member %s is there', async (name) => {
    expect(await metadata()).toHaveProperty(name);
  });

  test('its algorithms, subjects and response modes are those of the standards', async () => {
    const { id_token_signing_alg_values_supported: algorithms, ...rest } = await metadata();

    expect(algorithms).toContain('RS256');
    expect(['public', 'pairwise']).toEqual(expect.arrayContaining(rest.subject_types_supported as string[]));
    expect(['query', 'fragment', 'form_post']).toEqual(
      expect.arrayContaining(rest.response_modes_supported as string[]),
    );
  });

  test('it promises no code and no token, because this product has no OAuth endpoint', async () => {
    const { response_types_supported: types, grant_types_supported: grants, token_endpoint } = await metadata();

    expect(types).toEqual(['none']);
    for (const grant of ['authorization_code', 'implicit', 'refresh_token']) expect(grants).not.toContain(grant);
    expect((await call({ method: 'POST', path: new URL(String(token_endpoint)).pathname })).status).toBe(404);
  });
});

describe('the API describes itself', () => {
  test('the API document is served to anyone, for five minutes, as JSON without a charset', async () => {
    const answer = await call({ path: '/v1/openapi.json', headers: { origin: 'https://anywhere.example' } });

    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      openapi: '3.1.1',
      info: { title: 'Actor Tokens' },
      paths: { '/v1/openapi.json': { get: { operationId: 'GetOpenapi', security: [] } } },
    });
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=300',
      'content-type': 'application/json',
    });
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
    expect(answer.headers).toMatchObject({ vary: 'Accept-Encoding' });
    expect(answer.cookies).toEqual([]);
  });

  test('the deployed function serves the document that its sources make', async () => {
    const [deployed, here] = await Promise.all([send('GET', '/v1/openapi.json'), call({ path: '/v1/openapi.json' })]);

    expect(deployed.headers.get('content-type')).toBe('application/json');
    expect(deployed.text).toBe(here.text);
  });
});

test('health is reported to anyone', async () => {
  const answer = await call({ path: '/v1/health' });

  expect(outcome(answer)).toEqual({ status: 200, json: { status: 'healthy' } });
});

test('the environment is that of a production instance without sign-up, without an envelope', async () => {
  const answer = await new Browser().get('/v1/environment?__clerk_api_version=2026-08-20&_clerk_js_version=6.40.0');

  expect(answer.status).toBe(200);
  expect(answer.cookies).toEqual([]);
  expect(answer.json).toMatchObject({
    maintenance_mode: false,
    auth_config: {
      object: 'auth_config',
      id: instanceId,
      first_factors: ['ticket'],
      single_session_mode: true,
      claimed_at: null,
      reverification: false,
      native_settings: { api_enabled: true },
    },
    display_config: {
      object: 'display_config',
      id: instanceId,
      instance_environment_type: 'production',
      application_name: environment.APPLICATION_NAME,
      home_url: new URL(environment.SIGN_IN_URL ?? '').origin,
      sign_in_url: environment.SIGN_IN_URL,
      captcha_public_key: null,
    },
    user_settings: {
      social: {},
      sign_in: { second_factor: { required: false } },
      sign_up: { mode: 'restricted', captcha_enabled: false },
    },
    organization_settings: { enabled: false },
  });
  const attributes = Object.entries<Record<string, unknown>>(answer.json.user_settings.attributes);
  expect(attributes.filter(([, { enabled }]) => enabled).map(([name]) => name)).toEqual(['email_address', 'ticket']);
  expect(attributes.every(([, each]) => each.immutable && !each.used_for_first_factor)).toBe(true);
});

test('the environment has the home page and the logo of the app', async () => {
  const appUrl = 'https://app.example.com/orders';
  const logoUrl = 'https://cdn.example.com/logo.svg';
  const api = startApi(testInstance({ APP_URL: appUrl, LOGO_URL: logoUrl }));

  const { json } = await api.call({ path: '/v1/environment' });

  expect(json.display_config).toMatchObject({ home_url: appUrl, logo_image_url: logoUrl });
});

test('the environment says whether native applications are allowed', async () => {
  const api = startApi(testInstance({ NATIVE_CLIENTS: 'false' }));

  const { json } = await api.call({ path: '/v1/environment' });

  expect(json.auth_config.native_settings.api_enabled).toBe(false);
});
