// The policy is judged when an actor token is created, on the page of its link, when it is redeemed, and for each session token.
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createActorToken } from '../../shared/actor-tokens/create-actor-token.ts';
import type { Requirements, Rule } from '../../shared/base/policy.ts';
import { epochMs, toNumericDate } from '../../shared/base/time.ts';
import { Browser } from '../support/browser.ts';
import { aPendingActorToken, aSignedInBrowser, aUser } from '../support/given.ts';
import { type Api, startApi, testInstance } from '../support/http.ts';
import { all, neverStaff, policyOf } from '../support/policies.ts';
import { itemsWith } from '../support/scan.ts';
import { changeItem, storedItem } from '../support/stored.ts';

const instanceWith = (...rules: readonly Rule[]) => testInstance({}, { policy: policyOf(...rules) });
const apiWith = (...rules: readonly Rule[]) => startApi(instanceWith(...rules));

const refusedBy = (rule: string, meta = {}) => ({
  status: 403,
  json: { errors: [{ code: 'not_allowed_access', meta: { kind: 'policy', title: rule, ...meta } }] },
});

const claimsOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());

const promote = (userId: string, role: string, api: Pick<Api, 'callBackend'>) =>
  api.callBackend('PATCH', `/v1/users/${userId}/metadata`, { private_metadata: { role } });

async function signIn(api: Api, params: object = {}) {
  const user_id = await aUser();
  const created = await api.callBackend('POST', '/v1/actor_tokens', {
    user_id,
    actor: { sub: randomUUID() },
    ...params,
  });
  const browser = new Browser(api);
  const { json } = await browser.redeem(created.json.token);
  const sessionId: string = json.response.created_session_id;
  const token = () => browser.post(`/v1/client/sessions/${sessionId}/tokens`);
  return { userId: user_id, browser, sessionId, token, actorTokenId: created.json.id };
}

/** An actor token that an operator created under a policy. */
async function aTokenOf({
  rules = [],
  authAge,
  reason,
  sourceIp = '192.0.2.1',
}: {
  readonly rules?: readonly Rule[];
  readonly authAge?: number;
  readonly reason?: string;
  readonly sourceIp?: string;
}) {
  const now = epochMs(Date.now());
  const authTime = authAge === undefined ? {} : { auth_time: toNumericDate(now) - authAge };
  const verified = { iss: 'https://corp.example.com', sub: '00u1', iat: 1_700_000_000, ...authTime };
  const caller = { sourceIp, userAgent: 'test', operator: { subject: 'mia', verified } };
  const durations = { expiresInSeconds: 60, sessionMaxDurationInSeconds: 60 };
  const instance = rules.length > 0 ? instanceWith(...rules) : testInstance();
  const params = { ...durations, userId: await aUser(), actor: { sub: 'mia' }, reason };
  return createActorToken(params, { instance, now, caller });
}

afterEach(() => {
  vi.useRealTimers();
});

describe('when an actor token is created', () => {
  test('the rule that allows it and the version of the policy are in the record', async () => {
    const api = apiWith(neverStaff, all);

    const { actorTokenId, sessionId } = await signIn(api);

    expect(await storedItem('ACTOR_TOKENS', { id: actorTokenId })).toMatchObject({
      rule: 'all',
      policy: '0123456789ab',
    });
    expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({ rule: 'all' });
  });

  test('a refusal says by which rule, signs nothing, and is in the record', async () => {
    const api = apiWith(neverStaff, all);
    const user_id = await aUser({ private_metadata: { role: 'admin' } });

    const answer = await api.callBackend('POST', '/v1/actor_tokens', { user_id, actor: { sub: 'mia' } });

    expect(answer).toMatchObject(refusedBy('never-staff'));
    expect(answer.json.errors[0].long_message).toContain('never-staff');
    expect(await itemsWith('ACTOR_TOKENS', { user_id })).toMatchObject([
      { status: 'refused', refusal: 'policy', refused_rule: 'never-staff' },
    ]);
  });

  test('what no rule allows is refused by default', async () => {
    const api = apiWith({ id: 'support', effect: 'allow', actor: { groups: ['support'] } });
    const body = { user_id: await aUser(), actor: { sub: 'mia' } };

    expect(await api.callBackend('POST', '/v1/actor_tokens', body)).toMatchObject(refusedBy('default'));
    const ofSupport = { ...body, actor: { sub: 'mia', groups: ['support'] } };
    expect((await api.callBackend('POST', '/v1/actor_tokens', ofSupport)).status).toBe(200);
  });

  test('a reason is asked for', async () => {
    const api = apiWith({ ...all, require: { reason: 10 } });
    const body = { user_id: await aUser(), actor: { sub: 'mia' } };
    const create = (reason?: string) => api.callBackend('POST', '/v1/actor_tokens', { ...body, reason });
    const meta = { param_name: 'reason', kind: 'policy', title: 'all' };

    expect(await create()).toMatchObject({ status: 422, json: { errors: [{ code: 'form_param_missing', meta }] } });
    expect(await create('short')).toMatchObject({
      status: 422,
      json: { errors: [{ code: 'form_param_value_invalid', meta }] },
    });
    expect((await create('Case 4711: invoice')).status).toBe(200);
    const inActor = { ...body, actor: { sub: 'mia', reason: 'Case 4711: invoice' } };
    expect((await api.callBackend('POST', '/v1/actor_tokens', inActor)).status).toBe(200);
    expect(await itemsWith('ACTOR_TOKENS', { user_id: body.user_id, status: 'refused' })).toEqual([]);
  });

  test('the limits of the rule apply', async () => {
    const api = apiWith({ ...all, limits: { ticket: 300, session: 900 } });
    const body = { user_id: await aUser(), actor: { sub: 'mia' } };

    const longer = await api.callBackend('POST', '/v1/actor_tokens', { ...body, expires_in_seconds: 301 });
    const { json } = await api.callBackend('POST', '/v1/actor_tokens', body);

    expect(longer).toMatchObject({
      status: 422,
      json: {
        errors: [
          {
            code: 'form_param_value_too_large',
            meta: { param_name: 'expires_in_seconds', kind: 'policy', title: 'all' },
          },
        ],
      },
    });
    expect(claimsOf(json.token).eis).toBe(300);
    expect(await storedItem('ACTOR_TOKENS', { id: json.id })).toMatchObject({ session_max_duration_in_seconds: 900 });
  });
});

describe('when a ticket is redeemed', () => {
  test('a user who was promoted meanwhile is not entered: the token stays pending, and the session of the browser lives', async () => {
    const api = apiWith(neverStaff, all);
    const { browser, token } = await signIn(api);
    const pending = await aPendingActorToken();
    await promote(pending.userId, 'admin', api);

    const page = await api.call({ path: `/v1/tickets/accept?ticket=${pending.ticket}` });
    const redeemed = await browser.redeem(pending.ticket);

    expect(page.status).toBe(403);
    expect(page.text).toContain('never-staff');
    expect(redeemed).toMatchObject(refusedBy('never-staff'));
    expect(await storedItem('ACTOR_TOKENS', { id: pending.id })).toMatchObject({
      status: 'pending',
      refusal: 'policy',
      refused_rule: 'never-staff',
      refused_from: '192.0.2.1',
    });
    expect((await token()).status).toBe(200);
  });

  test('a reason that the policy asks for by now is missed', async () => {
    const pending = await aPendingActorToken();
    const later = apiWith({ ...all, require: { reason: 10 } });

    expect(await new Browser(later).redeem(pending.ticket)).toMatchObject(refusedBy('all', { description: 'reason' }));
  });

  test('another address is refused where the rule asks for the same one', async () => {
    const same: Rule = { ...all, require: { same_address: true } };
    const { ticket } = await aTokenOf({ rules: [same], sourceIp: '198.51.100.7' });

    expect(await new Browser(apiWith(same)).redeem(ticket)).toMatchObject(
      refusedBy('all', { description: 'same_address' }),
    );
    await signIn(apiWith(same));
  });
});

describe('what a rule requires of the request for the actor token', () => {
  const reading: Rule = { ...all, id: 'reading', mode: 'read_only' };

  async function modesOf(ticket: string, rules: readonly Rule[]) {
    const browser = new Browser(apiWith(...rules));
    const { json } = await browser.redeem(ticket);
    const path = `/v1/client/sessions/${json.response.created_session_id}/tokens`;
    const first: string = json.client.sessions[0].last_active_token.jwt;
    const next: string = (await browser.post(path)).json.jwt;
    return [first, next].map((jwt) => claimsOf(jwt).act_mode);
  }

  test.each<
    [string, Requirements, { readonly authAge?: number; readonly reason?: string; readonly sourceIp?: string }]
  >([
    ['a recent sign-in', { max_auth_age: 300 }, { authAge: 301 }],
    ['a sign-in of a known time', { max_auth_age: 300 }, {}],
    ['a reason', { reason: 10 }, { reason: 'short' }],
    ['the same address', { same_address: true }, { sourceIp: '198.51.100.7' }],
  ])(
    'stays missed: without %s, the rule for reading only applies from the first session token on',
    async (_, require, asked) => {
      const rules = [{ ...all, require }, reading];
      const { ticket } = await aTokenOf({ rules, ...asked });

      expect(await modesOf(ticket, rules)).toEqual(['read_only', 'read_only']);
    },
  );

  test('stays met: the time since the sign-in ends with the request', async () => {
    const rules = [{ ...all, require: { max_auth_age: 300, reason: 10, same_address: true } }, reading] as const;
    const { ticket } = await aTokenOf({ rules, authAge: 300, reason: 'Case 4711: invoice' });

    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 30_000 });
    expect(await modesOf(ticket, rules)).toEqual([undefined, undefined]);
  });
});

describe('while a session lives', () => {
  test.each([
    ['a session token', (id: string) => `/v1/client/sessions/${id}/tokens`],
    ['a touch', (id: string) => `/v1/client/sessions/${id}/touch`],
  ])('a user who was promoted ends it at the next request for %s, with the rule in the record', async (_, path) => {
    const api = apiWith(neverStaff, all);
    const { browser, userId, sessionId } = await signIn(api);
    await promote(userId, 'admin', api);

    expect((await browser.post(path(sessionId))).status).toBe(401);
    expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({
      end_status: 'revoked',
      end_cause: 'policy',
      end_rule: 'never-staff',
    });
    expect((await browser.get('/v1/client')).json.response.sessions).toEqual([]);
  });

  test('a session that the policy no longer allows ends at the next request of any kind', async () => {
    const nobody = apiWith();
    const tries: readonly ((browser: Browser, id: string) => Promise<{ readonly status: number }>)[] = [
      (browser) => browser.get('/v1/client'),
      (browser) => browser.get('/v1/me'),
      (browser, id) => browser.get(`/v1/client/sessions/${id}`),
      (_, id) => nobody.callBackend('POST', `/v1/sessions/${id}/tokens`),
    ];

    for (const act of tries) {
      const { browser, sessionId } = await aSignedInBrowser();
      const elsewhere = new Browser(nobody);
      elsewhere.keep(browser.cookies);
      const listed = await nobody.callBackend('GET', `/v1/sessions/${sessionId}`);
      expect(listed.json.status).toBe('revoked');

      await act(elsewhere, sessionId);

      expect(await storedItem('SESSIONS', { id: sessionId })).toMatchObject({
        end_cause: 'policy',
        end_rule: 'default',
      });
    }
  });

  test('consent that the user withdraws, or that runs out, ends it', async () => {
    const api = apiWith({ ...all, require: { consent: true } });
    const consent = (userId: string, until: number) =>
      api.callBackend('PATCH', `/v1/users/${userId}/metadata`, {
        private_metadata: { impersonation_consent_until: until },
      });
    const consented = async () => {
      const user_id = await aUser({ private_metadata: { impersonation_consent_until: Date.now() + 60_000 } });
      return signIn(api, { user_id });
    };
    const [withdrawn, elapsed] = [await consented(), await consented()];
    const userOf = async ({ sessionId }: { readonly sessionId: string }) =>
      (await storedItem('SESSIONS', { id: sessionId }))?.user_id;

    expect((await withdrawn.token()).status).toBe(200);
    await consent(await userOf(withdrawn), 0);
    expect((await withdrawn.token()).status).toBe(401);

    expect((await elapsed.token()).status).toBe(200);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    expect((await elapsed.token()).status).toBe(401);
    expect(await storedItem('SESSIONS', { id: elapsed.sessionId })).toMatchObject({
      end_cause: 'policy',
      end_rule: 'all',
    });
  });
});

describe('a rule for reading only', () => {
  const reading: Rule = { ...all, mode: 'read_only' };

  test('is a claim of every session token', async () => {
    const api = apiWith(reading);
    const user_id = await aUser();
    const created = await api.callBackend('POST', '/v1/actor_tokens', { user_id, actor: { sub: 'mia' } });
    const browser = new Browser(api);

    const redeemed = await browser.redeem(created.json.token);

    const sessionId = redeemed.json.response.created_session_id;
    const [session] = redeemed.json.client.sessions;
    const jwts = [
      session.last_active_token.jwt,
      (await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).json.jwt,
      (await api.callBackend('POST', `/v1/sessions/${sessionId}/tokens`)).json.jwt,
      (await browser.get('/v1/client?_clerk_js_version=6')).json.response.sessions[0].last_active_token.jwt,
    ];
    for (const jwt of jwts) expect(claimsOf(jwt)).toMatchObject({ act_mode: 'read_only', act: { sub: 'mia' } });
  });

  test('appears in the next session token when the rule is added, and disappears when it is removed', async () => {
    const [loose, strict] = [apiWith(all), apiWith(reading)];
    const { browser, sessionId } = await signIn(loose);
    const tokenOf = async (api: Api) => {
      const own = new Browser(api);
      own.keep(browser.cookies);
      return claimsOf((await own.post(`/v1/client/sessions/${sessionId}/tokens`)).json.jwt);
    };

    expect(await tokenOf(loose)).not.toHaveProperty('act_mode');
    expect(await tokenOf(strict)).toMatchObject({ act_mode: 'read_only' });
    expect(await tokenOf(loose)).not.toHaveProperty('act_mode');
  });
});

test('another rule that allows a session now says what it may do', async () => {
  const ofVip: Rule = { id: 'vip', effect: 'allow', target: { role: ['vip'] }, mode: 'read_only' };
  const api = apiWith(ofVip, all);
  const { userId, token } = await signIn(api);
  expect(claimsOf((await token()).json.jwt)).not.toHaveProperty('act_mode');

  await promote(userId, 'vip', api);

  expect(claimsOf((await token()).json.jwt)).toMatchObject({ act_mode: 'read_only' });
});

test('without a policy, nothing of one is stored or claimed', async () => {
  const { sessionId, actorTokenId, browser } = await aSignedInBrowser();
  const { jwt } = (await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).json;

  const names = ['verified', 'reason', 'rule', 'policy', 'operator_key', 'refusal', 'end_rule'];
  const items = [
    await storedItem('ACTOR_TOKENS', { id: actorTokenId }),
    await storedItem('SESSIONS', { id: sessionId }),
  ];
  for (const name of names) for (const item of items) expect(item).not.toHaveProperty(name);
  expect(claimsOf(jwt)).not.toHaveProperty('act_mode');
});

describe('the record of an operator', () => {
  const aTokenOfAnOperator = () => aTokenOf({ reason: 'Case 4711' });

  test.each<[string, object]>([
    ['another operator', { verified: '{"iss":"https://corp.example.com","sub":"00u2","iat":1700000000}' }],
    ['no operator', { verified: undefined }],
    ['another reason', { reason: 'none' }],
    ['no reason', { reason: undefined }],
    ['another address', { created_from: '198.51.100.7' }],
  ])('is under the signature of the ticket: with %s it is worth nothing', async (_, change) => {
    const { actorToken, ticket } = await aTokenOfAnOperator();
    await changeItem('ACTOR_TOKENS', { id: actorToken.id }, change);

    expect(await new Browser().redeem(ticket)).toMatchObject({
      status: 400,
      json: { errors: [{ code: 'ticket_invalid_code' }] },
    });
  });

  test.each<[string, object]>([
    ['operator', { verified: '{"iss":"https://corp.example.com","sub":"00u2","iat":1700000000}' }],
    ['reason', { reason: 'none' }],
    ['rule', { rule: 'other' }],
    ['address', { created_from: '198.51.100.7' }],
  ])('ends a session with another %s as tampered', async (what, change) => {
    const { ticket } = await aTokenOfAnOperator();
    const browser = new Browser();
    const { json } = await browser.redeem(ticket);
    const id = json.response.created_session_id;
    const changed = what === 'address' ? 'ACTOR_TOKENS' : 'SESSIONS';
    await changeItem(changed, { id: changed === 'SESSIONS' ? id : id.replace('sess_', 'act_') }, change);

    expect((await browser.post(`/v1/client/sessions/${id}/tokens`)).status).toBe(401);
    expect(await storedItem('SESSIONS', { id })).toMatchObject({ end_cause: 'tampered' });
  });
});
