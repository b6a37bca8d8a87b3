import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { routes } from '../../functions/routes.ts';
import { NOT_BLANK, PRINTABLE } from '../../shared/base/printable.ts';
import { Browser } from '../support/browser.ts';
import { aSignedInBrowser, aUser } from '../support/given.ts';
import { call, callBackend } from '../support/http.ts';
import { itemsWith } from '../support/scan.ts';

const authorization = `Bearer ${inject('stack').secretKey}`;

/** True for a request that is valid by the documentation; written independently of the product's schema. */
function isValid(body: unknown, userId: string): boolean {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  const isDuration = (value: unknown, max: number) =>
    value === undefined || value === null || (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max);
  if (!isObject(body)) return false;
  const { user_id, actor, expires_in_seconds, session_max_duration_in_seconds, ...unknown } = body;
  const isKept = (value: unknown): boolean => {
    if (typeof value === 'number') return Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
    if (typeof value === 'string') return value.isWellFormed() && !value.includes('\0');
    if (typeof value !== 'object' || value === null) return true;
    return Object.entries(value).every(([key, each]) => isKept(key) && isKept(each));
  };
  const isSub = (sub: unknown) =>
    typeof sub === 'string' && sub.length <= 256 && PRINTABLE.test(sub) && NOT_BLANK.test(sub);
  return (
    Object.keys(unknown).length === 0 &&
    user_id === userId &&
    isObject(actor) &&
    isSub(Object.hasOwn(actor, 'sub') ? actor.sub : undefined) &&
    isKept(actor) &&
    Buffer.byteLength(JSON.stringify(actor)) <= 1000 &&
    isDuration(expires_in_seconds, 2_592_000) &&
    isDuration(session_max_duration_in_seconds, 86_400)
  );
}

describe('any JSON value', () => {
  test('no JSON body of an actor token causes a 5xx, and only a valid one is stored', async () => {
    const userId = await aUser();
    let valid = 0;
    const seconds = fc.oneof(
      fc.integer({ min: -2, max: 3_000_000 }),
      fc.constantFrom(null, 0, 1, 86_400, 86_401, '60', 1.5),
      fc.jsonValue(),
    );
    const actor = fc.oneof(
      fc
        .dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }))
        .chain((rest) => fc.string().map((sub) => ({ ...rest, sub }))),
      fc.record({ sub: fc.string({ minLength: 1, unit: 'grapheme' }) }),
      fc.jsonValue(),
    );
    const likely = fc.record(
      {
        user_id: fc.oneof({ weight: 5, arbitrary: fc.constant(userId) }, fc.jsonValue()),
        actor,
        expires_in_seconds: seconds,
        session_max_duration_in_seconds: seconds,
        extra: fc.jsonValue(),
      },
      { requiredKeys: ['user_id', 'actor'] },
    );
    const simple = fc.record({ user_id: fc.constant(userId), actor });

    await fc.assert(
      fc.asyncProperty(fc.oneof(likely, simple, fc.jsonValue()), async (body) => {
        const text = JSON.stringify(body);
        const sent = JSON.parse(text);

        const answer = await callBackend('POST', '/v1/actor_tokens', text);

        const isAccepted = isValid(sent, userId);
        if (isAccepted) valid += 1;
        const expected = isAccepted
          ? 200
          : answer.status === 404
            ? 404
            : [400, 422].find((status) => status === answer.status);
        expect(answer.status).toBe(expected ?? 'a refusal');
        if (isAccepted) expect(answer.json.actor).toEqual(sent.actor);
      }),
      { numRuns: 300 },
    );

    expect(valid).toBeGreaterThan(20);
    expect(await itemsWith('ACTOR_TOKENS', { user_id: userId })).toHaveLength(valid);
  });

  test('no JSON body of another Backend API operation causes a 5xx', async () => {
    const operations = routes.filter(({ audience, method }) => audience === 'backend' && method === 'POST');

    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...operations), fc.json(), async ({ path }, body) => {
        const answer = await callBackend('POST', path.replace(/\{[^}]+\}/g, `x_${randomUUID()}`), body);

        expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: 100 },
    );
  });
});

describe('any bytes', () => {
  test('no bytes in a body cause a 5xx', async () => {
    const operations = routes.filter(({ method }) => method !== 'GET');
    const types = ['application/json', 'application/x-www-form-urlencoded', 'text/plain'];

    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...operations),
        fc.constantFrom(...types),
        fc.uint8Array({ maxLength: 200 }),
        async ({ method, path }, type, bytes) => {
          const request = { method, path: path.replace(/\{[^}]+\}/g, 'x'), body: Buffer.from(bytes) };

          const answers = [
            await call({ ...request, headers: { 'content-type': type, authorization } }),
            await call({ ...request, headers: { 'content-type': type } }),
          ];

          for (const { status } of answers) expect(status).toBeLessThan(500);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('any query and any cookies', () => {
  const text = fc.string({
    unit: fc.constantFrom(
      ...'ab_=&%;,.+#[]"\\ {}0é\u0000\ud83d',
      '%00',
      '%ff',
      '__Host-client=',
      'ticket=',
      '_method=',
      'DELETE',
    ),
  });

  test('no query and no cookies cause a 5xx of the Frontend API', async () => {
    const { browser, sessionId } = await aSignedInBrowser();
    const operations = routes.filter(({ audience }) => audience !== 'backend');

    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...operations),
        text,
        fc.array(text, { maxLength: 4 }),
        fc.boolean(),
        async (operation, query, cookies, isKnown) => {
          const path = `${operation.path.replace('{session_id}', sessionId)}?${query}`;

          const answer = await call({
            method: operation.method,
            path,
            cookies: [...cookies, ...(isKnown ? browser.cookies : [])],
          });

          expect(answer.status).toBeLessThan(500);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('no query and no cookies cause a 5xx of the Backend API', async () => {
    const operations = routes.filter(({ audience }) => audience === 'backend');

    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...operations), text, async ({ method, path }, query) => {
        const answer = await callBackend(method, `${path.replace(/\{[^}]+\}/g, 'x')}?${query}`);

        expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: 150 },
    );
  });

  test('no path causes a 5xx', async () => {
    const segment = fc.string({ unit: 'grapheme', maxLength: 40 }).map(encodeURIComponent);

    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...routes), segment, async ({ method, path }, id) => {
        const browser = new Browser();

        const answers = [
          await callBackend(method, path.replace(/\{[^}]+\}/g, id)),
          await browser.send(method, path.replace(/\{[^}]+\}/g, id)),
        ];

        for (const { status } of answers) expect(status).toBeLessThan(500);
      }),
      { numRuns: 100 },
    );
  });
});
