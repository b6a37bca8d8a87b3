// Everything that a function caches or limits belongs to its instance, so two instances can be served by one process.
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { newId } from '../../shared/base/ids.ts';
import { epochMs } from '../../shared/base/time.ts';
import { createSecretKey } from '../../shared/secret-keys/create-secret-key.ts';
import { Browser } from '../support/browser.ts';
import { aUser } from '../support/given.ts';
import { type Api, startApi, testInstance } from '../support/http.ts';
import { outcome, refusal } from '../support/refusal.ts';

const { GENERATION, SESSION_KEY_IDS = '', TICKET_KEY_IDS = '' } = inject('stack').environment;
const one = testInstance();
/** It has the KMS keys of `one` for the opposite purpose. */
const other = {
  ...testInstance({
    INSTANCE_ID: newId('ins', epochMs(Date.now())),
    GENERATION: String(Number(GENERATION) + 1),
    APPLICATION_NAME: 'The other',
    MAX_TICKET_LIFE_IN_SECONDS: '60',
    SESSION_KEY_IDS: TICKET_KEY_IDS,
    TICKET_KEY_IDS: SESSION_KEY_IDS,
  }),
  inactivityInSeconds: 123,
};
const apis = { one: startApi(one), other: startApi(other) };

/** An API with a secret key of its own instance. */
interface Keyed {
  readonly api: Api;
  readonly authorization: string;
}

let keyed: { readonly one: Keyed; readonly other: Keyed };
let userId: string;

beforeAll(async () => {
  const { secret } = await createSecretKey({ name: 'other' }, { instance: other, now: epochMs(Date.now()) });
  keyed = {
    one: { api: apis.one, authorization: `Bearer ${inject('stack').secretKey}` },
    other: { api: apis.other, authorization: `Bearer ${secret}` },
  };
  userId = await aUser();
});

function createActorToken({ api, authorization }: Keyed, expires_in_seconds: number) {
  const body = { user_id: userId, actor: { sub: 'user_support' }, expires_in_seconds };
  return api.callBackend('POST', '/v1/actor_tokens', body, { authorization });
}

/** The answers of both to the same request, sent at once. */
async function both(path: string) {
  const [answerOfOne, answerOfOther] = await Promise.all([apis.one.call({ path }), apis.other.call({ path })]);
  return { one: answerOfOne, other: answerOfOther };
}

describe('two instances in one process', () => {
  test('each publish their own keys', async () => {
    const jwks = await both('/.well-known/jwks.json');

    const kids = Object.values(jwks).flatMap(({ json }) => json.keys.map(({ kid }: { kid: string }) => kid));
    expect(kids).toHaveLength(2);
    expect(new Set(kids).size).toBe(2);
  });

  test('each have their own name', async () => {
    const environments = await both('/v1/environment');

    expect(environments.one.json.display_config.application_name).toBe(one.applicationName);
    expect(environments.other.json.display_config.application_name).toBe('The other');
  });

  test('each serve a banner with their own inactivity limit', async () => {
    const banners = await both('/v1/impersonation-banner.js');

    expect(banners.one.text).toContain(`Number('${one.inactivityInSeconds}')`);
    expect(banners.other.text).toContain("Number('123')");
  });

  test('each have their own limits', async () => {
    const [accepted, refused] = await Promise.all([createActorToken(keyed.one, 61), createActorToken(keyed.other, 61)]);

    expect(accepted.status).toBe(200);
    expect(outcome(refused)).toEqual(refusal(422, ['form_param_value_too_large', 'expires_in_seconds']));
  });

  test('accept only their own tickets, also at once', async () => {
    const [ofOne, ofOther] = await Promise.all([createActorToken(keyed.one, 60), createActorToken(keyed.other, 60)]);
    const redeem = (api: Api, ticket: string) => new Browser(api).redeem(ticket);

    const [foreignToOne, foreignToOther] = await Promise.all([
      redeem(apis.one, ofOther.json.token),
      redeem(apis.other, ofOne.json.token),
    ]);
    const own = await Promise.all([redeem(apis.one, ofOne.json.token), redeem(apis.other, ofOther.json.token)]);

    expect(outcome(foreignToOne)).toEqual(refusal(400, 'ticket_invalid_code'));
    expect(outcome(foreignToOther)).toEqual(refusal(400, 'ticket_invalid_code'));
    expect(own.map(({ status }) => status)).toEqual([200, 200]);
  });

  test('accept only their own secret keys', async () => {
    const answer = await createActorToken({ ...keyed.one, authorization: keyed.other.authorization }, 60);

    expect(outcome(answer)).toEqual(refusal(401, 'clerk_key_invalid'));
  });
});
