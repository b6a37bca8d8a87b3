import { verifyToken } from '@clerk/backend';
import { describe, expect, inject, test } from 'vitest';
import { HttpBrowser } from '../../support/http-browser.ts';
import {
  aPendingActorToken,
  aSignedInBrowser,
  aUser,
  type CreateActorTokenParams,
  clerk,
  expectRefusal,
  NOT_FOUND,
  ticketOf,
  unknownId,
} from './clerk.ts';
import { createLink } from './link.ts';

const { baseUrl, frontendApiUrl, secretKey, instanceId, environment } = inject('stack');

/** A deployed stage may be configured to allow less than the published limits. */
const longest = {
  ticket: Number(environment.MAX_TICKET_LIFE_IN_SECONDS),
  session: Number(environment.MAX_SESSION_DURATION_IN_SECONDS),
};
const byDefaultOf = { ticket: Math.min(3600, longest.ticket), session: Math.min(1800, longest.session) };

/** Creates an actor token with any parameters, as JavaScript callers can send them. */
function createWith(params: object) {
  return clerk.actorTokens.create(params as CreateActorTokenParams);
}

function claimsOf(jwt: string) {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
}

describe('creating an actor token', () => {
  test('creating an actor token answers a pending one, with its ticket and the link that carries it', async () => {
    const userId = await aUser();

    const actorToken = await clerk.actorTokens.create({ userId, actor: { sub: 'user_support' } });

    const ticket = ticketOf(actorToken);
    expect({ ...actorToken }).toEqual({
      id: expect.stringMatching(/^act_[0-9A-Za-z]{27}$/),
      status: 'pending',
      userId,
      actor: { sub: 'user_support' },
      token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      url: `${frontendApiUrl}/v1/tickets/accept?ticket=${ticket}`,
      createdAt: actorToken.updatedAt,
      updatedAt: expect.any(Number),
    });
    expect(Math.abs(Date.now() - actorToken.createdAt)).toBeLessThan(30_000);
  });

  test('the lines of the README create a link', async () => {
    const url = await createLink(secretKey, baseUrl, await aUser());

    expect(url).toMatch(`${frontendApiUrl}/v1/tickets/accept?ticket=`);
  });

  test('a ticket refers to its token, names nobody and lives for an hour, or the configured maximum if less', async () => {
    const actorToken = await aPendingActorToken();

    expect(claimsOf(ticketOf(actorToken))).toEqual({
      eis: byDefaultOf.ticket,
      exp: Math.floor(actorToken.createdAt / 1000) + byDefaultOf.ticket,
      iid: instanceId,
      permit: expect.any(String),
      sid: actorToken.id,
      st: 'actor_token',
    });
  });

  test('a ticket lives as long as was requested', async () => {
    const actorToken = await aPendingActorToken({ expiresInSeconds: 120 });

    const exp = Math.floor(actorToken.createdAt / 1000) + 120;
    expect(claimsOf(ticketOf(actorToken))).toMatchObject({ eis: 120, exp });
  });

  test('two equal requests create two actor tokens', async () => {
    const userId = await aUser();

    const [first, second] = await Promise.all([aPendingActorToken({ userId }), aPendingActorToken({ userId })]);

    expect(first.id).not.toBe(second.id);
    expect(first.token).not.toBe(second.token);
  });

  test('a session lasts 30 minutes unless another duration was requested', async () => {
    const [byDefault, asked] = await Promise.all([
      aSignedInBrowser(),
      aSignedInBrowser({ sessionMaxDurationInSeconds: 90 }),
    ]);

    const [long, short] = await Promise.all([
      clerk.sessions.getSession(byDefault.sessionId),
      clerk.sessions.getSession(asked.sessionId),
    ]);
    expect(long.expireAt - long.createdAt).toBe(byDefaultOf.session * 1000);
    expect(short.expireAt - short.createdAt).toBe(90_000);
  });

  test('an actor is kept as it was given, down to the spelling of nested keys', async () => {
    const actor = {
      sub: 'cli:ada@example.com',
      iss: 'https://desk.example',
      sid: 'sess_of_the_actor',
      ticketId: 'SUP-1',
      snake_case: { camelCase: [1, 0.5, null, true, { 'odd key.': '€ 😀 "' }], empty: {} },
      additionalProperties: { region: 'eu' },
    };

    const { actorToken, sessionId, sessionToken } = await aSignedInBrowser({ actor });

    const session = await clerk.sessions.getSession(sessionId);
    const claims = await verifyToken(sessionToken, { secretKey, apiUrl: baseUrl });
    for (const kept of [actorToken.actor, session.actor, claims.act]) {
      expect(JSON.stringify(kept)).toBe(JSON.stringify(actor));
    }
  });

  test.each([
    ['an unknown user', () => unknownId('user')],
    ['what is no user id', () => 'me@example.com'],
    ['a deleted user', async () => (await clerk.users.deleteUser(await aUser())).id],
  ])('creating an actor token is refused for %s', async (_case, userIdOf) => {
    const userId = await userIdOf();

    await expectRefusal(clerk.actorTokens.create({ userId, actor: { sub: 'user_support' } }), 404, [
      { code: 'resource_not_found', longMessage: 'No user was found with this user_id.' },
    ]);
  });

  test('creating an actor token names every missing parameter at once', async () => {
    await expectRefusal(createWith({}), 422, [
      { code: 'form_param_missing', longMessage: 'user_id must be included.', meta: { paramName: 'user_id' } },
      { code: 'form_param_missing', longMessage: 'actor must be included.', meta: { paramName: 'actor' } },
    ]);
  });

  test('creating an actor token names every faulty parameter at once, with its fault', async () => {
    const faulty = {
      userId: await aUser(),
      actor: { name: 'Nobody' },
      expiresInSeconds: 0,
      sessionMaxDurationInSeconds: '60',
      expireInSeconds: 60,
    };

    await expectRefusal(createWith(faulty), 422, [
      { code: 'form_param_missing', longMessage: 'actor.sub must be included.', meta: { paramName: 'actor.sub' } },
      {
        code: 'form_param_value_invalid',
        longMessage: `expires_in_seconds must be an integer from 1 to ${longest.ticket}.`,
        meta: { paramName: 'expires_in_seconds' },
      },
      {
        code: 'form_param_value_invalid',
        longMessage: `session_max_duration_in_seconds must be an integer from 1 to ${longest.session}.`,
        meta: { paramName: 'session_max_duration_in_seconds' },
      },
      {
        code: 'form_param_unknown',
        longMessage: 'expire_in_seconds is not a valid parameter for this request.',
        meta: { paramName: 'expire_in_seconds' },
      },
    ]);
  });

  test.each([
    ['expiresInSeconds', 'expires_in_seconds', longest.ticket],
    ['sessionMaxDurationInSeconds', 'session_max_duration_in_seconds', longest.session],
  ])('creating an actor token takes %s up to its limit and no further', async (name, paramName, max) => {
    const userId = await aUser();
    const valid = { userId, actor: { sub: 'user_support' } };

    await expect(createWith({ ...valid, [name]: max })).resolves.toMatchObject({ status: 'pending' });
    await expectRefusal(createWith({ ...valid, [name]: max + 1 }), 422, [
      {
        code: 'form_param_value_too_large',
        longMessage: `${paramName} must be an integer from 1 to ${max}.`,
        meta: { paramName },
      },
    ]);
  });

  test('creating an actor token takes an actor of up to 1,000 bytes of JSON and no more', async () => {
    const userId = await aUser();
    const actorOf = (bytes: number) => ({ sub: 'a', pad: 'x'.repeat(bytes - '{"sub":"a","pad":""}'.length) });

    await expect(createWith({ userId, actor: actorOf(1000) })).resolves.toMatchObject({ status: 'pending' });
    await expectRefusal(createWith({ userId, actor: actorOf(1001) }), 422, [
      {
        code: 'form_param_exceeds_allowed_size',
        longMessage: 'actor has more bytes than allowed.',
        meta: { paramName: 'actor' },
      },
    ]);
  });

  test('creating an actor token is refused when the body is larger than 64 KiB', async () => {
    await expectRefusal(createWith({ userId: 'x'.repeat(65_536), actor: { sub: 'a' } }), 413, [
      { code: 'request_body_too_large', longMessage: 'The request body is larger than 65536 bytes.' },
    ]);
  });
});

describe('revoking an actor token', () => {
  test('revoking an actor token answers the revoked token, without its ticket', async () => {
    const pending = await aPendingActorToken();

    const revoked = await clerk.actorTokens.revoke(pending.id);

    expect({ ...revoked }).toEqual({
      ...pending,
      status: 'revoked',
      token: undefined,
      url: undefined,
      updatedAt: expect.any(Number),
    });
    expect(revoked.updatedAt).toBeGreaterThan(pending.updatedAt);
  });

  test('the ticket of a revoked actor token is refused', async () => {
    const actorToken = await aPendingActorToken();
    await clerk.actorTokens.revoke(actorToken.id);

    const answer = await new HttpBrowser().redeem(ticketOf(actorToken));

    expect(answer.status).toBe(400);
    expect(answer.json.errors[0].code).toBe('actor_token_revoked_code');
  });

  test('revoking an actor token a second time is refused', async () => {
    const { id } = await aPendingActorToken();
    await clerk.actorTokens.revoke(id);

    await expectRefusal(clerk.actorTokens.revoke(id), 400, [
      {
        code: 'actor_token_cannot_be_revoked_code',
        longMessage: 'Actor token cannot be revoked because its status is revoked. Only pending tokens can be revoked.',
      },
    ]);
  });

  test('revoking a redeemed actor token is refused with its session, which goes on', async () => {
    const { actorToken, sessionId } = await aSignedInBrowser();

    await expectRefusal(clerk.actorTokens.revoke(actorToken.id), 400, [
      {
        code: 'actor_token_cannot_be_revoked_code',
        longMessage:
          'Actor token cannot be revoked because its status is accepted. Only pending tokens can be revoked.',
        meta: { sessionId },
      },
    ]);
    await expect(clerk.sessions.getSession(sessionId)).resolves.toMatchObject({ status: 'active' });
  });

  test.each([
    ['an unknown token', unknownId('act')],
    ['what is no id of an actor token', 'sess_1 2'],
  ])('revoking an actor token is refused for %s', async (_case, id) => {
    await expectRefusal(clerk.actorTokens.revoke(id), 404, NOT_FOUND);
  });
});
