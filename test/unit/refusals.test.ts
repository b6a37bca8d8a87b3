// The judgement on an impersonation, the error that says why it is refused, and what an answer shows beside a session.
import { describe, expect, test } from 'vitest';
import { judge, type Refusal } from '../../shared/authority/judge.ts';
import { refusalError } from '../../shared/authority/refusal.ts';
import type { Requirements } from '../../shared/base/policy.ts';
import { epochMs } from '../../shared/base/time.ts';
import { accompanyingClientJson } from '../../shared/sessions/client-schema.ts';
import { pageOf } from '../../shared/sessions/session.ts';
import { hasEnd } from '../../shared/sessions/session-record.ts';
import { acceptActorToken, planRedemption } from '../../shared/sign-ins/redemption.ts';
import { aClientOf, aSession } from '../support/a-session.ts';
import { anActorToken } from '../support/an-actor-token.ts';
import { anInstance } from '../support/an-instance.ts';
import { anyUser } from '../support/any-user.ts';

const noon = epochMs(1_700_000_000_000);
const noonInSeconds = noon / 1000;
const nothing = () => undefined;

describe('a policy judges', () => {
  const judged = (require: Requirements, members: object = {}) => {
    const rule = { id: 'support', effect: 'allow', require } as const;
    const instance = anInstance({}, { policy: { version: '1', rules: [rule] } });
    const asked = {
      actor: { sub: 'support_1' },
      verified: undefined,
      reason: undefined,
      user: anyUser(),
      createdAt: noon,
      now: noon,
      isSameAddress: undefined,
      ...members,
    };
    return judge(nothing, asked, instance);
  };
  const verified = { iss: 'https://idp.example.com', sub: 'ada', iat: 1, auth_time: noonInSeconds - 60 };

  test.each<[what: string, require: Requirements, members: object, isAllowed: boolean]>([
    ['an operator who has to be one', { verified: true }, { verified }, true],
    ['a server that would have to be one', { verified: true }, {}, false],
    ['a sign-in of a minute ago', { max_auth_age: 60 }, { verified }, true],
    ['a sign-in that is a second older', { max_auth_age: 59 }, { verified }, false],
    ['a sign-in of an unknown time', { max_auth_age: 60 }, { verified: { ...verified, auth_time: undefined } }, false],
    ['a reason of the least length', { reason: 3 }, { reason: 'abc' }, true],
    ['a reason that is shorter', { reason: 4 }, { reason: 'abc' }, false],
    ['no reason', { reason: 1 }, {}, false],
  ])('%s', (_, require, members, isAllowed) => {
    expect(judged(require, members).isAllowed).toBe(isAllowed);
  });

  test('everything as allowed where there is none', () => {
    const asked = { actor: { sub: 'a' }, verified: undefined, reason: undefined, user: anyUser() };

    expect(judge(nothing, { ...asked, createdAt: noon, now: noon, isSameAddress: false }, anInstance())).toEqual({
      isAllowed: true,
      rule: undefined,
    });
  });
});

describe('the error of a refusal', () => {
  test.each<[refusal: Refusal, meta: object, sentence: string]>([
    [
      { isAllowed: false, cause: 'policy', rule: 'support' },
      { kind: 'policy', title: 'support' },
      'The policy does not allow this actor to become this user (rule support).',
    ],
    [
      { isAllowed: false, cause: 'policy', rule: 'support', lacks: 'reason' },
      { kind: 'policy', title: 'support', description: 'reason' },
      'The policy does not allow this actor to become this user, because it needs a reason (rule support).',
    ],
    [
      { isAllowed: false, cause: 'actor_blocked' },
      { kind: 'blocked', title: 'actor' },
      'This actor is blocked and cannot impersonate anybody. Ask the people who run this service.',
    ],
    [
      { isAllowed: false, cause: 'instance_blocked' },
      { kind: 'blocked', title: 'instance' },
      'Nobody can impersonate at the moment, because everybody is blocked (*). Ask the people who run this service.',
    ],
  ])('%o says why', (refusal, meta, sentence) => {
    expect(refusalError(refusal).items).toEqual([{ code: 'not_allowed_access', meta, sentence }]);
  });
});

test('a ticket whose actor token is not stored is invalid', () => {
  const token = anActorToken();
  const ticket = { actorTokenId: token.id, hash: token.ticketHash, signature: 'signature' };
  const caller = { sourceIp: '192.0.2.1', userAgent: undefined };
  const basis = { ticket, actorToken: token, browser: undefined, origin: undefined };
  const redemption = planRedemption(basis, { instance: anInstance(), now: noon, caller });

  expect(acceptActorToken(redemption).refusal(undefined).code).toBe('ticket_invalid_code');
});

test.each([
  [{ ended_at: noon, end_cause: 'sign_out' }, true],
  [{ ended_at: noon - 1, end_cause: 'sign_out' }, false],
  [{ ended_at: noon, end_cause: 'sign_in' }, false],
  [{}, false],
])('the item %o has the end that was written: %s', (item, expected) => {
  expect(hasEnd(item, { status: 'removed', cause: 'sign_out', at: noon, by: {} })).toBe(expected);
});

describe('a session token names', () => {
  const page = 'https://app.example.com';
  const native = anInstance({ NATIVE_CLIENTS: 'true' });

  test.each([
    ['the page that requests it', page, 'https://other.example.com', anInstance(), page],
    ['the page that signed in', undefined, page, anInstance(), page],
    ['the Frontend API where there is no page', undefined, undefined, anInstance(), 'https://clerk.example.com'],
    ['no page where native applications are allowed', undefined, undefined, native, undefined],
  ])('%s', (_, requested, signedIn, instance, expected) => {
    expect(pageOf({ origin: signedIn }, requested, instance)).toBe(expected);
  });
});

describe('the client beside a response', () => {
  const instance = anInstance();
  const call = { instance, now: noon };
  const session = aSession();
  const client = aClientOf(session);
  const user = anyUser();

  test('is there when nobody is signed in, and with a session that has a token', () => {
    expect(accompanyingClientJson(client, undefined, call)).toMatchObject({ id: client.id, sessions: [] });
    expect(accompanyingClientJson(client, { session, user, sessionToken: 'jwt' }, call)).toMatchObject({
      sessions: [{ id: session.id, abandon_at: noon + 30 * 86_400_000 }],
    });
  });

  test('is missing with a session that has no token, and when it is unknown', () => {
    expect(accompanyingClientJson(client, { session, user, sessionToken: undefined }, call)).toBeNull();
    expect(accompanyingClientJson(undefined, undefined, call)).toBeNull();
    expect(accompanyingClientJson(undefined, { session, user, sessionToken: 'jwt' }, call)).toBeNull();
  });
});
