// Random stories against a model of the rules: the answer of every request, and the users that are signed in.
import fc from 'fast-check';
import { afterAll, expect, test, vi } from 'vitest';
import { Browser } from '../support/browser.ts';
import { aPendingActorToken, aUser } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { claimsOf, expectInvariants } from '../support/invariants.ts';
import { Model, type Session, type Token } from '../support/model.ts';
import { newSeed } from '../support/random.ts';

const RUNS = 40;
const STEPS = 30;
/** On a busy machine fewer stories run, and shrinking stops. */
const TIME_LIMIT_IN_MS = 25_000;
const noon = 1_800_000_000_000;

/** The product's side: the ids and cookies that the customer and the browsers have. Tokens are in the order of the model's. */
interface Real {
  readonly userId: string;
  readonly tokens: { readonly id: string; readonly ticket: string; readonly sub: string; readonly sessionId: string }[];
  readonly browsers: Map<string, Browser>;
  /** The cookies of a browser right after the redemption that started the session with that id. */
  readonly jars: Map<string, Browser>;
}

type Step = fc.AsyncCommand<Model, Real> & { readonly [fc.toStringMethod]: () => string };

function step(name: string, canRun: (model: Model) => boolean, run: (model: Model, real: Real) => Promise<void>): Step {
  return {
    check: canRun,
    toString: () => name,
    [fc.toStringMethod]: () => name,
    run: async (model, real) => {
      await run(model, real);
      await expectInvariants(real.tokens.map(({ id }) => id));
    },
  };
}

const codeOf = ({ status, json }: { status: number; json: { errors?: { code: string }[] } }) =>
  status === 200 ? 'ok' : json.errors?.[0]?.code;

const hasTokens = ({ tokens }: Model) => tokens.length > 0;
const hasSessions = ({ sessions }: Model) => sessions.length > 0;

function tokenAt(model: Model, real: Real, place: number) {
  const index = place % model.tokens.length;
  const [token, given] = [model.tokens[index], real.tokens[index]];
  if (!token || !given) throw new Error('There is no such token.');
  return { token, given };
}

function sessionAt(model: Model, real: Real, place: number) {
  const started = real.tokens.flatMap((given, index) => {
    const session = model.tokens[index]?.session;
    const jar = real.jars.get(given.sessionId);
    return session && jar ? [{ session, given, jar }] : [];
  });
  const found = started[place % started.length];
  if (!found) throw new Error('There is no such session.');
  return found;
}

function expectClaims(
  model: Model,
  session: Session,
  given: Real['tokens'][number],
  userId: string,
  jwt: string,
): void {
  const claims = claimsOf(jwt);
  expect(claims).toMatchObject({ sub: userId, act: { sub: given.sub }, sid: given.sessionId });
  expect(claims.exp).toBe(Math.floor(Math.min(model.now + 60_000, session.expireAt) / 1000));
}

const create = (expires: number, duration: number): Step =>
  step(
    `create(${expires}, ${duration})`,
    ({ tokens }) => tokens.length < 6,
    async (model, real) => {
      const sub = `support_${real.tokens.length}`;
      const { id, ticket } = await aPendingActorToken({
        user_id: real.userId,
        actor: { sub },
        expires_in_seconds: expires,
        session_max_duration_in_seconds: duration,
      });
      const expireAt = Math.floor((model.now + expires * 1000) / 1000) * 1000;
      model.tokens.push({ status: 'pending', createdAt: model.now, expireAt, duration: duration * 1000 });
      real.tokens.push({ id, ticket, sub, sessionId: id.replace('act', 'sess') });
    },
  );

const redeem = (place: number, name: string): Step =>
  step(`redeem(${place}, ${name})`, hasTokens, async (model, real) => {
    const { token, given } = tokenAt(model, real, place);
    const key = name === 'none' ? `none ${real.browsers.size}` : name;
    const browser = real.browsers.get(key) ?? new Browser();
    real.browsers.set(key, browser);

    const answer = await browser.redeem(given.ticket);

    expect(codeOf(answer)).toBe(model.redeem(token, key, false));
    if (answer.status !== 200) return expect(answer.cookies).toEqual([]);
    real.jars.set(given.sessionId, browser.clone());
    expect(answer.json.response.created_session_id).toBe(given.sessionId);
    const jwt: string = answer.json.client.sessions[0].last_active_token.jwt;
    expectClaims(model, token.session as Session, given, real.userId, jwt);
  });

/** Redeems a valid ticket from a tab whose browser has signed in again since. */
const redeemFromTab = (place: number, tab: number): Step =>
  step(
    `redeem(pending ${place}, tab of replaced session ${tab})`,
    (model) => model.replaced.length > 0 && model.tokens.some(({ status }) => status === 'pending'),
    async (model, real) => {
      const pending = model.tokens.filter(({ status }) => status === 'pending');
      const token = pending[place % pending.length] as Token;
      const session = model.replaced[tab % model.replaced.length] as Session;
      const jar = real.jars.get(
        real.tokens[model.tokens.findIndex((each) => each.session === session)]?.sessionId ?? '',
      );

      const answer = await jar?.clone().redeem(real.tokens[model.tokens.indexOf(token)]?.ticket ?? '');

      expect(answer && codeOf(answer)).toBe(model.redeem(token, session.browser, true));
    },
  );

const revoke = (place: number): Step =>
  step(`revoke(${place})`, hasTokens, async (model, real) => {
    const { token, given } = tokenAt(model, real, place);

    const answer = await callBackend('POST', `/v1/actor_tokens/${given.id}/revoke`);

    expect(codeOf(answer)).toBe(token.status === 'pending' ? 'ok' : 'actor_token_cannot_be_revoked_code');
    if (token.status === 'pending') token.status = 'revoked';
    expect(answer.json.errors?.[0].meta?.session_id).toBe(token.session && given.sessionId);
  });

const use = (place: number, way: 'touch' | 'tokens' | 'hidden'): Step =>
  step(`${way}(session ${place})`, hasSessions, async (model, real) => {
    const { session, given, jar } = sessionAt(model, real, place);
    const path = `/v1/client/sessions/${given.sessionId}/${way === 'touch' ? 'touch' : 'tokens'}`;

    const answer = await jar.clone().post(path, way === 'hidden' ? { tab_state: 'hidden' } : {});

    const isUsable = model.statusOf(session) === 'active' && model.isCurrent(session);
    expect(codeOf(answer)).toBe(isUsable ? 'ok' : 'authentication_invalid');
    if (!isUsable) return expect(answer.text).not.toContain('jwt');
    if (way !== 'hidden') session.lastActiveAt = model.now;
    const jwt = way === 'touch' ? answer.json.response.last_active_token.jwt : answer.json.jwt;
    expectClaims(model, session, given, real.userId, jwt);
  });

const end = (place: number, way: 'end' | 'remove'): Step =>
  step(`${way}(session ${place})`, hasSessions, async (model, real) => {
    const { session, given, jar } = sessionAt(model, real, place);

    const answer = await jar.clone().post(`/v1/client/sessions/${given.sessionId}/${way}`);

    expect(codeOf(answer)).toBe(model.isCurrent(session) ? 'ok' : 'authentication_invalid');
    if (model.isCurrent(session)) model.end(session, way === 'end' ? 'ended' : 'removed');
  });

const revokeSession = (place: number): Step =>
  step(`revoke(session ${place})`, hasSessions, async (model, real) => {
    const { session, given } = sessionAt(model, real, place);

    const answer = await callBackend('POST', `/v1/sessions/${given.sessionId}/revoke`);

    model.end(session, 'revoked');
    expect(answer).toMatchObject({ status: 200, json: { status: model.statusOf(session) } });
  });

const ban = (banned: boolean): Step =>
  step(
    banned ? 'ban' : 'unban',
    () => true,
    async (model, real) => {
      const answer = await callBackend('POST', `/v1/users/${real.userId}/${banned ? 'ban' : 'unban'}`);

      expect(answer.status).toBe(200);
      model.ban(banned);
    },
  );

/** Moves the clock to one of the next two limits, or one millisecond before or after it. */
const moveClock = (place: number, offset: number): Step =>
  step(
    `moveClock(limit ${place} ${offset} ms)`,
    (model) => model.deadlines().length > 0,
    async (model) => {
      const limits = model
        .deadlines()
        .sort((one, other) => one - other)
        .slice(0, 2);
      model.now = Math.max(model.now, (limits[place % limits.length] ?? 0) + offset);
      vi.setSystemTime(model.now);
    },
  );

/** Compares every session and every browser with the model. */
const look: Step = step('look', hasSessions, async (model, real) => {
  for (let place = 0; place < model.sessions.length; place += 1) {
    const { session, given } = sessionAt(model, real, place);
    const shown = await callBackend('GET', `/v1/sessions/${given.sessionId}`);
    expect(shown.json).toMatchObject({
      status: model.statusOf(session),
      expire_at: session.expireAt,
      last_active_at: session.lastActiveAt,
    });
    const isUsable = model.statusOf(session) === 'active' && model.isCurrent(session);
    const client = await real.browsers.get(session.browser)?.clone().get('/v1/client');
    expect(client?.json.response.last_active_session_id === given.sessionId).toBe(isUsable);
  }
});

const place = fc.nat(11);
const weighted = (weight: number, arbitrary: fc.Arbitrary<Step>) => ({ weight, arbitrary });
const browser = fc.constantFrom('A', 'A', 'A', 'B', 'none');
const anyStep = fc.oneof(
  weighted(
    2,
    fc.tuple(fc.constantFrom(300, 900, 3600), fc.constantFrom(599, 601, 1800)).map((args) => create(...args)),
  ),
  weighted(
    4,
    fc.tuple(place, browser).map((args) => redeem(...args)),
  ),
  weighted(
    1,
    fc.tuple(place, place).map((args) => redeemFromTab(...args)),
  ),
  weighted(1, place.map(revoke)),
  weighted(
    4,
    fc.tuple(place, fc.constantFrom('touch', 'tokens', 'hidden')).map((args) => use(...args)),
  ),
  weighted(
    2,
    fc.tuple(place, fc.constantFrom('end', 'remove')).map((args) => end(...args)),
  ),
  weighted(1, place.map(revokeSession)),
  weighted(1, fc.constantFrom(true, false, false, false).map(ban)),
  weighted(
    4,
    fc.tuple(place, fc.constantFrom(-1, 0, 1)).map((args) => moveClock(...args)),
  ),
  weighted(1, fc.constant(look)),
);
const stories = fc.noBias(fc.array(anyStep, { maxLength: STEPS, size: 'max' }));

/** The start of every story: three tickets and two browsers. One session reaches its fixed end before its inactivity limit. */
const beginning = [create(3600, 1800), create(3600, 599), create(900, 1800), redeem(0, 'A'), redeem(1, 'B')];

afterAll(() => void vi.useRealTimers());

const seed = newSeed();

test(`random stories go as the rules say (SEED=${seed})`, { timeout: 60_000 }, async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  await fc.assert(
    fc.asyncProperty(stories, async (steps) => {
      vi.setSystemTime(noon);
      const userId = await aUser();
      const begin = () => ({
        model: new Model(noon),
        real: { userId, tokens: [], browsers: new Map(), jars: new Map() },
      });
      await fc.asyncModelRun(begin, [...beginning, ...steps, look]);
    }),
    { seed, numRuns: RUNS, interruptAfterTimeLimit: TIME_LIMIT_IN_MS, markInterruptAsFailure: false },
  );
});
