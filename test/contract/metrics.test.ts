// The one log line of a request contains exact counts of its effects, in CloudWatch's embedded metric format.
import { randomUUID } from 'node:crypto';
import { Ajv } from 'ajv';
import { afterAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { routes } from '../../functions/routes.ts';
import { type MetricName, metrics } from '../../shared/base/metrics.ts';
import { Browser } from '../support/browser.ts';
import { loseAnswer, refusal, throttling } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aPendingActorToken, aSignedInBrowser, aUser } from '../support/given.ts';
import { call, callBackend } from '../support/http.ts';
import { storedItem, storeItem } from '../support/stored.ts';

const { instanceId: instance, environment } = inject('stack');
const { dynamodb, kms } = await startFaults();

// biome-ignore lint/suspicious/noExplicitAny: a log line of any kind; the tests state what is in it.
type Line = Record<string, any>;

/**
 * The published schema of the format, with its limits. It is closed where the specification forbids additional members.
 * Source: CloudWatch's public specification of the embedded metric format.
 */
const isEmbeddedMetrics = new Ajv().compile({
  type: 'object',
  required: ['_aws'],
  properties: {
    _aws: {
      type: 'object',
      required: ['Timestamp', 'CloudWatchMetrics'],
      additionalProperties: false,
      properties: {
        Timestamp: { type: 'integer', minimum: 1_000_000_000_000, maximum: 9_999_999_999_999 },
        CloudWatchMetrics: {
          type: 'array',
          minItems: 1,
          items: {
            type: 'object',
            required: ['Namespace', 'Dimensions', 'Metrics'],
            additionalProperties: false,
            properties: {
              Namespace: { type: 'string', minLength: 1, maxLength: 1024 },
              Dimensions: {
                type: 'array',
                minItems: 1,
                items: {
                  type: 'array',
                  minItems: 1,
                  maxItems: 30,
                  items: { type: 'string', minLength: 1, maxLength: 250 },
                },
              },
              Metrics: {
                type: 'array',
                minItems: 1,
                maxItems: 100,
                items: {
                  type: 'object',
                  required: ['Name', 'Unit'],
                  additionalProperties: false,
                  properties: {
                    Name: { type: 'string', minLength: 1, maxLength: 1024 },
                    Unit: { enum: ['Count', 'Milliseconds'] },
                  },
                },
              },
            },
          },
        },
      },
    },
  },
});

const written = vi.spyOn(process.stdout, 'write');
afterAll(() => written.mockRestore());

beforeEach(() => {
  written.mockClear();
  dynamodb.heal();
  kms.heal();
});

/** Runs `act`, and returns the lines that it logged, after checking each of them. */
async function linesOf(act: () => Promise<unknown>): Promise<Line[]> {
  written.mockClear();
  await act();
  const lines: Line[] = written.mock.calls.map(([line]) => JSON.parse(String(line)));
  for (const line of lines) if (line._aws) expectEmbeddedMetrics(line);
  return lines;
}

/** Checks a rule that a schema cannot express: every name in a directive is also a member of the line. */
function expectEmbeddedMetrics(line: Line): void {
  expect(isEmbeddedMetrics(line), JSON.stringify(isEmbeddedMetrics.errors)).toBe(true);
  for (const { Dimensions, Metrics } of line._aws.CloudWatchMetrics) {
    for (const name of Dimensions.flat()) expect(line[name]).toEqual(expect.stringMatching(/^[\x21-\x7e]{1,1024}$/));
    for (const { Name } of Metrics) {
      const values = [line[Name]].flat();
      expect(values.length).toBeLessThanOrEqual(100);
      for (const value of values) expect(Number.isFinite(value)).toBe(true);
    }
  }
}

/** Counts each metric together with its dimension, such as `Refused user_banned`. */
function counted(lines: readonly Line[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const line of lines) {
    for (const { Dimensions, Metrics } of line._aws?.CloudWatchMetrics ?? []) {
      const [, ...by] = Dimensions[0].map((name: string) => line[name]);
      for (const { Name, Unit } of Metrics)
        if (Unit === 'Count') sums[[Name, ...by].join(' ')] = (sums[[Name, ...by].join(' ')] ?? 0) + line[Name];
    }
  }
  return sums;
}

async function countsOf(act: () => Promise<unknown>): Promise<Record<string, number>> {
  return counted(await linesOf(act));
}

const create = (userId: string) => callBackend('POST', '/v1/actor_tokens', { user_id: userId, actor: { sub: 'a' } });
const revoke = (id: string) => callBackend('POST', `/v1/actor_tokens/${id}/revoke`);

describe('the one log line of a request', () => {
  test('the log line of a request carries its counts, its instance and the ids of its story', async () => {
    const userId = await aUser();

    const lines = await linesOf(() => create(userId));

    expect(lines).toEqual([
      {
        level: 'info',
        message: 'request',
        instance,
        operation: 'CreateActorToken',
        trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        request_id: expect.any(String),
        source_ip: '192.0.2.1',
        method: 'POST',
        route: 'POST /v1/actor_tokens',
        status: 200,
        duration_ms: expect.any(Number),
        secret_key_id: expect.stringMatching(/^key_[0-9A-Za-z]{27}$/),
        user_id: userId,
        actor_sub: 'a',
        actor_token_id: expect.stringMatching(/^act_[0-9A-Za-z]{27}$/),
        Created: 1,
        SignLatency: expect.any(Number),
        _aws: {
          Timestamp: expect.any(Number),
          CloudWatchMetrics: [
            {
              Namespace: 'ActorTokens',
              Dimensions: [['instance']],
              Metrics: expect.arrayContaining([
                { Name: 'Created', Unit: 'Count' },
                { Name: 'SignLatency', Unit: 'Milliseconds' },
              ]),
            },
          ],
        },
      },
    ]);
    expect(Math.abs(lines[0]?._aws.Timestamp - Date.now())).toBeLessThan(30_000);
  });

  test('the log line of a request carries no metric when nothing was counted', async () => {
    const [line] = await linesOf(() => call({ path: '/v1/health' }));

    expect(line).toMatchObject({ operation: 'GetHealth', instance });
    expect(line).not.toHaveProperty('_aws');
  });

  test('a log line names no id that the product has not verified to be one', async () => {
    const path = '/v1/sessions/sess_not-an-id/revoke';

    const [line] = await linesOf(() => callBackend('POST', path));

    expect(line).toMatchObject({ code: 'resource_not_found' });
    expect(line).not.toHaveProperty('session_id');
  });

  test('log lines connect a story by the ids of actor token and session', async () => {
    const { id, ticket } = await aPendingActorToken();
    const sessionId = id.replace('act_', 'sess_');
    const browser = new Browser();

    const lines = await linesOf(async () => {
      await browser.redeem(ticket);
      await browser.post(`/v1/client/sessions/${sessionId}/tokens`);
      await browser.post(`/v1/client/sessions/${sessionId}/end`);
      await new Browser().redeem(ticket);
    });

    expect(lines.map(({ actor_token_id, session_id }) => [actor_token_id, session_id])).toEqual([
      [id, sessionId],
      [id, sessionId],
      [id, sessionId],
      [id, undefined],
    ]);
  });
});

describe('counted is', () => {
  test('an actor token is counted as created', async () => {
    const userId = await aUser();

    expect(await countsOf(() => create(userId))).toEqual({ Created: 1 });
  });

  test('an actor token is counted once when the answer of its write is lost', async () => {
    const userId = await aUser();
    dynamodb.hurt(requestsOf('PutItem', 'ACTOR_TOKENS', userId, 1), loseAnswer);

    expect(await countsOf(() => create(userId))).toEqual({ Created: 1 });
  });

  test('a revocation is counted, and the refusal of every later one', async () => {
    const { id } = await aPendingActorToken();

    const counts = await countsOf(async () => {
      for (let times = 0; times < 3; times += 1) await revoke(id);
    });

    expect(counts).toEqual({ Revoked: 1, 'Refused actor_token_cannot_be_revoked_code': 2 });
  });

  test('a revocation is counted once when the answer of its write is lost', async () => {
    const { id } = await aPendingActorToken();
    dynamodb.hurt(requestsOf('UpdateItem', 'ACTOR_TOKENS', id, 1), loseAnswer);

    expect(await countsOf(() => revoke(id))).toEqual({ Revoked: 1 });
  });

  test('of many redemptions at once one redemption and one session are counted, the others as refused', async () => {
    const { ticket } = await aPendingActorToken();
    const racers = Array.from({ length: 12 }, () => new Browser());

    const counts = await countsOf(() => Promise.all(racers.map((browser) => browser.redeem(ticket))));

    expect(counts).toEqual({ Redeemed: 1, SessionsStarted: 1, 'Refused actor_token_already_used_code': 11 });
  });

  test('a redemption is counted once when the answer of its transaction is lost', async () => {
    const { id, ticket } = await aPendingActorToken();
    dynamodb.hurt(requestsOf('TransactWriteItems', 'ACTOR_TOKENS', id, 1), loseAnswer);

    expect(await countsOf(() => new Browser().redeem(ticket))).toEqual({ Redeemed: 1, SessionsStarted: 1 });
  });

  test('a session that a sign-in of the same browser ended is counted as ended', async () => {
    const { browser } = await aSignedInBrowser();
    const { ticket } = await aPendingActorToken();

    const counts = await countsOf(() => browser.redeem(ticket));

    expect(counts).toEqual({ Redeemed: 1, SessionsStarted: 1, 'SessionsEnded sign_in': 1 });
  });

  test.each([
    ['end', 'end'],
    ['remove', 'remove'],
  ])('a session that its browser lets %s is counted once, however often that is repeated', async (use, cause) => {
    const { browser, sessionId } = await aSignedInBrowser();
    const path = `/v1/client/sessions/${sessionId}/${use}`;

    expect(await countsOf(() => browser.post(path))).toEqual({ [`SessionsEnded ${cause}`]: 1 });
    expect(await countsOf(() => browser.post(path))).toEqual({});
    expect(await countsOf(() => callBackend('POST', `/v1/sessions/${sessionId}/revoke`))).toEqual({});
  });

  test('a session that its browser signs out of is counted once', async () => {
    const { browser } = await aSignedInBrowser();

    expect(await countsOf(() => browser.send('DELETE', '/v1/client/sessions'))).toEqual({
      'SessionsEnded sign_out': 1,
    });
    expect(await countsOf(() => browser.send('DELETE', '/v1/client'))).toEqual({});
  });

  test('a session that the backend revokes is counted once when the answer is lost', async () => {
    const { sessionId } = await aSignedInBrowser();
    dynamodb.hurt(requestsOf('UpdateItem', 'SESSIONS', sessionId, 1), loseAnswer);
    const revokeIt = () => callBackend('POST', `/v1/sessions/${sessionId}/revoke`);

    expect(await countsOf(revokeIt)).toEqual({ 'SessionsEnded backend_revoke': 1 });
    expect(await countsOf(revokeIt)).toEqual({});
  });

  test.each([
    ['POST', '/ban', 'user_banned'],
    ['DELETE', '', 'user_deleted'],
  ])('every session that ends with its user is counted: %s %s', async (method, path, cause) => {
    const userId = await aUser();
    for (let browsers = 0; browsers < 3; browsers += 1) await aSignedInBrowser({ user_id: userId });
    const { browser, sessionId } = await aSignedInBrowser({ user_id: userId });
    await browser.post(`/v1/client/sessions/${sessionId}/end`);

    const counts = await countsOf(() => callBackend(method, `/v1/users/${userId}${path}`));

    expect(counts).toEqual({ [`SessionsEnded ${cause}`]: 3 });
  });

  test('a session that turns out to belong to a banned user is counted as ended', async () => {
    const { browser, sessionId, userId } = await aSignedInBrowser();
    const user = await storedItem('USERS', { id: userId });
    await storeItem('USERS', { ...user, banned: true, banned_at: Date.now() });

    const counts = await countsOf(() => browser.post(`/v1/client/sessions/${sessionId}/tokens`));

    expect(counts).toEqual({ 'SessionsEnded user_banned': 1 });
  });

  test('a refusal to create is counted by its code', async () => {
    const unknown = `user_${'0'.repeat(27)}`;

    expect(await countsOf(() => create(unknown))).toEqual({ 'Refused resource_not_found': 1 });
    expect(await countsOf(() => callBackend('POST', '/v1/actor_tokens', {}))).toEqual({
      'Refused form_param_missing': 1,
    });
  });

  test('a ticket that was never issued is counted as refused', async () => {
    expect(await countsOf(() => new Browser().redeem(randomUUID()))).toEqual({ 'Refused ticket_invalid_code': 1 });
  });

  describe.each([
    ['without a secret key', {}, 'authentication_invalid'],
    ['with another form of Authorization', { authorization: 'Basic eDp5' }, 'authorization_header_format_invalid'],
    ['with an unknown secret key', { authorization: `Bearer sk_live_${'0'.repeat(43)}` }, 'clerk_key_invalid'],
  ])('a call of the Backend API %s:', (_, headers, code) => {
    test.each(routes.filter(({ audience }) => audience === 'backend'))('$operation', async ({ method, path }) => {
      const request = { method, path: path.replaceAll(/\{[^}]+\}/g, 'x'), headers };

      expect(await countsOf(() => call(request))).toEqual({ [`Refused ${code}`]: 1 });
    });
  });

  test('a call that DynamoDB throttled is counted, whatever the operation', async () => {
    dynamodb.hurt({ operation: 'BatchGetItem', times: 3 }, throttling);

    const counts = await countsOf(() => callBackend('GET', `/v1/users?user_id=user_${'0'.repeat(27)}`));

    expect(counts).toEqual({ 'Refused too_many_requests': 1 });
  });

  test('no other refusal of another operation is counted', async () => {
    expect(await countsOf(() => callBackend('GET', '/v1/users/user_unknown'))).toEqual({});
    expect(await countsOf(() => new Browser().get('/v1/me'))).toEqual({});
    const { browser, sessionId } = await aSignedInBrowser();
    await browser.post(`/v1/client/sessions/${sessionId}/end`);
    const lines = await linesOf(() => browser.post(`/v1/client/sessions/${sessionId}/touch`));
    expect(lines).toMatchObject([{ code: 'authentication_invalid' }]);
    expect(counted(lines)).toEqual({});
  });

  test('a signature that KMS throttled is counted, also when the browser sees no failure', async () => {
    const { ticket } = await aPendingActorToken();
    kms.hurt({ operation: 'Sign', about: environment.SESSION_KEY_IDS ?? '' }, refusal(400, 'ThrottlingException'));

    const lines = await linesOf(() => new Browser().redeem(ticket));

    expect(counted(lines)).toEqual({ Redeemed: 1, SessionsStarted: 1, KmsThrottled: 1, Dropped: 1 });
    expect(lines.map(({ message }) => message)).toEqual(['dropped', 'request']);
  });
});

test('the latency of KMS is measured for each signature, failed ones included', async () => {
  const { ticket } = await aPendingActorToken();
  const { browser, sessionId } = await aSignedInBrowser();
  const token = `/v1/client/sessions/${sessionId}/tokens`;
  const handshake = `/v1/client/handshake?redirect_url=${inject('stack').allowedOrigin}`;

  const measured = async (act: () => Promise<unknown>) => [(await linesOf(act)).at(-1)?.SignLatency].flat();

  expect(await measured(() => new Browser().redeem(ticket))).toEqual([expect.any(Number)]);
  expect(await measured(() => browser.get(handshake))).toEqual([expect.any(Number), expect.any(Number)]);
  expect(await measured(() => browser.get('/v1/me'))).toEqual([undefined]);
  kms.hurt({ operation: 'Sign', about: environment.SESSION_KEY_IDS ?? '' }, refusal(400, 'DisabledException'));
  expect(await measured(() => browser.post(token))).toEqual([expect.any(Number)]);
});

test('the line of a request names what caused a failure, and is an error from status 500 on', async () => {
  const user_id = await aUser();
  const lineWith = async (type?: string) => {
    const sub = randomUUID();
    if (type) dynamodb.hurt(requestsOf('PutItem', 'ACTOR_TOKENS', sub), refusal(400, type));
    return (await linesOf(() => callBackend('POST', '/v1/actor_tokens', { user_id, actor: { sub } }))).at(-1);
  };

  const line = await lineWith();
  expect(line).toMatchObject({ level: 'info', status: 200 });
  expect(line).not.toHaveProperty('causes');
  expect(await lineWith('com.amazon.coral.availability#ThrottlingException')).toMatchObject({
    level: 'info',
    status: 429,
    causes: ['ThrottlingException'],
  });
  expect(await lineWith('com.amazonaws.dynamodb.v20120810#ValidationException')).toMatchObject({
    level: 'error',
    status: 500,
  });
});

test('the duration of a request and the latency of KMS are no longer than the test has waited', async () => {
  const { ticket } = await aPendingActorToken();
  const startedAt = performance.now();

  const line = (await linesOf(() => new Browser().redeem(ticket))).at(-1);

  const waited = Math.ceil(performance.now() - startedAt);
  for (const measured of [line?.duration_ms, line?.SignLatency]) {
    expect(measured).toBeGreaterThanOrEqual(0);
    expect(measured).toBeLessThanOrEqual(waited);
  }
});

test('requests that run side by side are counted separately', async () => {
  const userIds = await Promise.all(Array.from({ length: 20 }, () => aUser()));

  const lines = await linesOf(() => Promise.all(userIds.map(create)));

  expect(lines.map(({ Created }) => Created)).toEqual(userIds.map(() => 1));
  expect(new Set(lines.map(({ actor_token_id }) => actor_token_id)).size).toBe(userIds.length);
});

test('no metric has a dimension of many values', () => {
  const divided = Object.entries(metrics).filter(([, metric]) => 'by' in metric);

  expect(divided.map(([name]) => name as MetricName)).toEqual(['Refused', 'SessionsEnded']);
});
