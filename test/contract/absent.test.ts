// What Clerk's APIs have and this product does not: the empty list, or a sentence that says what to do instead.
import { describe, expect, test } from 'vitest';
import { absent } from '../../functions/fallback/absent.ts';
import { aSignedInBrowser, aUser } from '../support/given.ts';
import { call, callBackend } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';
import { storedItem } from '../support/stored.ts';
import { decoded } from '../support/tickets.ts';

const NONE = { data: [], total_count: 0 };

/** A request for each thing that is not here, and the beginning of its sentence. */
const asked = [
  ['POST', '/v1/sign_in_tokens', 'There are no sign-in tokens here.'],
  ['POST', '/v1/sign_in_tokens/sit_1/revoke', 'There are no sign-in tokens here.'],
  ['POST', '/v1/agents/tasks', 'There are no agent tasks here.'],
  ['GET', '/v1/jwt_templates', 'There are no JWT templates here.'],
  ['POST', '/v1/sessions/sess_1/tokens/supabase', 'There are no JWT templates here.'],
  ['POST', '/v1/client/sessions/sess_1/tokens/supabase', 'There are no JWT templates here.'],
  ['POST', '/v1/sessions/sess_1/refresh', 'There are no refresh tokens here.'],
  ['GET', '/v1/organizations/org_1', 'There are no organizations here.'],
  ['POST', '/v1/organizations/org_1/memberships', 'There are no organizations here.'],
  ['GET', '/v1/organization_roles', 'There are no organizations here.'],
  ['POST', '/v1/me/organization_invitations/orginv_1/accept', 'There are no organizations here.'],
  ['GET', '/v1/role_sets', 'There are no organizations here.'],
  ['POST', '/v1/invitations', 'Nobody can sign up'],
  ['POST', '/v1/waitlist', 'Nobody can sign up'],
  ['PATCH', '/v1/client/sign_ups/sua_1', 'Nobody can sign up'],
  ['POST', '/v1/allowlist_identifiers', 'There are no allowlists'],
  ['POST', '/v1/users/user_1/lock', 'There are no allowlists and locks'],
  ['PATCH', '/v1/instance/restrictions', 'Requests cannot read or change these settings.'],
  ['GET', '/v1/domains', 'Requests cannot read or change these settings.'],
  ['POST', '/v1/redirect_urls', 'Requests cannot read or change these settings.'],
  ['POST', '/v1/oauth_applications', 'There are no other identity providers'],
  ['GET', '/v1/me/enterprise_connections', 'There are no other identity providers'],
  ['POST', '/oauth/token', 'There are no other identity providers'],
  ['POST', '/v1/m2m_tokens', 'There are no machines and no API keys here.'],
  ['POST', '/api_keys', 'There are no machines and no API keys here.'],
  ['GET', '/v1/billing/plans', 'There is no billing here.'],
  ['GET', '/v1/me/billing/subscription', 'There is no billing here.'],
  ['GET', '/v1/users/user_1/billing/credits', 'There is no billing here.'],
  ['GET', '/v1/clients/client_1', 'Servers cannot read clients here.'],
  ['POST', '/v1/email_addresses', 'Here a user is created with e-mail addresses'],
  ['POST', '/v1/users/user_1/profile_image', 'Here a user is created with e-mail addresses'],
  ['POST', '/v1/users/user_1/verify_password', 'Users have no password'],
  ['GET', '/v1/users/user_1/oauth_access_tokens/google', 'Users have no password'],
  ['POST', '/v1/client/sign_ins/sia_1/prepare_first_factor', 'There is no other step of a sign-in here'],
  ['POST', '/v1/client/sessions/sess_1/verify', 'A session cannot be verified again here'],
  ['POST', '/v1/client/sessions/sess_1/verify/prepare_first_factor', 'A session cannot be verified again here'],
  ['POST', '/v1/me/sessions/sess_1/revoke', 'A browser ends only its own session here'],
  ['POST', '/v1/me/email_addresses', 'Nobody can change this account'],
  // clerk-js sends a slash here.
  ['POST', '/v1/me/email_addresses/', 'Nobody can change this account'],
  ['POST', '/v1/me/change_password', 'Nobody can change this account'],
] as const;

/** The same for methods that a path does not have. */
const askedOfOthers = [
  ['POST', '/v1/users/ban', 'Users are banned one by one here'],
  ['POST', '/v1/users/unban', 'Users are banned one by one here'],
  ['POST', '/v1/sessions', 'A session begins only when a ticket is redeemed.'],
  ['POST', '/v1/organizations', 'There are no organizations here.'],
  ['PATCH', '/v1/me', 'Nobody can change this account'],
  ['POST', '/v1/me?_method=PATCH', 'Nobody can change this account'],
  ['POST', '/v1/me?_method=DELETE', 'Nobody can change this account'],
] as const;

function sentenceOf({ json }: Awaited<ReturnType<typeof call>>): string {
  return json.errors[0].long_message;
}

describe('what Clerk has and this product does not is refused with a sentence', () => {
  test.each(asked)('%s %s', async (method, path, sentence) => {
    const answer = await call({ method, path });

    expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
    expect(sentenceOf(answer)).toMatch(new RegExp(`^${sentence}`));
  });

  test.each(askedOfOthers)('%s %s', async (method, path, sentence) => {
    const answer = await call({ method, path });

    expect(outcome(answer)).toEqual(refusal(405, 'method_not_allowed'));
    expect(sentenceOf(answer)).toMatch(new RegExp(`^${sentence}`));
  });

  test('no sentence stands for nothing', async () => {
    const answers = await Promise.all([...asked, ...askedOfOthers].map(([method, path]) => call({ method, path })));

    expect([...new Set(answers.map(sentenceOf))].sort()).toEqual(absent.map(([, sentence]) => sentence).sort());
  });

  test.each(['/v1/sign_in_tokens_', '/v1/x/sign_in_tokens', '/v1/men', '/v1/v1/me/x', '/v2/me'])(
    'a path that only resembles one has no sentence of its own: %s',
    async (path) => {
      const answer = await call({ path });

      expect(outcome(answer)).toEqual(refusal(404, 'resource_not_found'));
      expect(sentenceOf(answer)).toBe('There is nothing at this path.');
    },
  );
});

describe('the lists of organizations are empty', () => {
  test.each(['organization_memberships', 'organization_invitations', 'organization_suggestions'])(
    'for a browser that is signed in: /v1/me/%s',
    async (name) => {
      const { browser } = await aSignedInBrowser();

      const { status, json } = await browser.get(`/v1/me/${name}?paginated=true&limit=10&offset=0`);

      expect({ status, json }).toEqual({ status: 200, json: { response: NONE, client: null } });
    },
  );

  test.each(['organization_memberships', 'organization_invitations'])(
    'for a user who exists, and for no other: /v1/users/{user_id}/%s',
    async (name) => {
      const userId = await aUser();

      const answer = await callBackend('GET', `/v1/users/${userId}/${name}?limit=10`);
      const unknown = await callBackend('GET', `/v1/users/user_${'0'.repeat(27)}/${name}`);
      const unknownToo = await callBackend('GET', `/v1/users/nobody/${name}`);

      expect(outcome(answer)).toEqual({ status: 200, json: NONE });
      expect([unknown, unknownToo].map(outcome)).toEqual(Array(2).fill(refusal(404, 'resource_not_found')));
    },
  );

  test('for a server', async () => {
    expect(outcome(await callBackend('GET', '/v1/organizations?limit=10'))).toEqual({ status: 200, json: NONE });
  });
});

describe('an organization is not activated', () => {
  test.each(['org_1', 'acme'])(
    'touching a session with an organization is refused and is no activity: %s',
    async (id) => {
      const { browser, sessionId } = await aSignedInBrowser();
      const before = await storedItem('SESSIONS', { id: sessionId });

      const answer = await browser.post(`/v1/client/sessions/${sessionId}/touch`, {
        active_organization_id: id,
        intent: 'select_org',
      });

      expect(outcome(answer)).toEqual(refusal(404, 'organization_not_found_or_unauthorized'));
      expect(await storedItem('SESSIONS', { id: sessionId })).toEqual(before);
    },
  );

  test('touching a session with two organizations is refused', async () => {
    const { browser, sessionId } = await aSignedInBrowser();

    const answer = await call({
      method: 'POST',
      path: `/v1/client/sessions/${sessionId}/touch`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      cookies: browser.cookies,
      body: 'active_organization_id=&active_organization_id=',
    });

    expect(outcome(answer)).toEqual(refusal(422, ['form_param_duplicate', 'active_organization_id']));
  });

  test('a session token for an organization names none', async () => {
    const { browser, sessionId } = await aSignedInBrowser();

    const { json } = await browser.post(`/v1/client/sessions/${sessionId}/tokens`, { organization_id: 'org_1' });

    expect(decoded(json.jwt).payload).toMatchObject({ sid: sessionId });
    expect(decoded(json.jwt).payload).not.toHaveProperty('o');
  });

  test('touching a session with the empty organization, as clerk-js does each time, is activity', async () => {
    const { browser, sessionId } = await aSignedInBrowser();

    const answer = await browser.post(`/v1/client/sessions/${sessionId}/touch`, { active_organization_id: '' });

    expect(answer.json.response).toMatchObject({ id: sessionId, last_active_organization_id: null });
  });
});
