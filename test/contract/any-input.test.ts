import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NOT_BLANK, PRINTABLE } from '../../shared/base/printable.ts';
import { aUser } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { itemsWith } from '../support/scan.ts';

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
