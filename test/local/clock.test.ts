import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Local } from '../../local/product-stack.ts';
import { echo, started, tinyRun } from './tiny-run.ts';
import { temporaryDirectory } from './tiny-stack.ts';

let local: Local;

beforeAll(async () => {
  local = await tinyRun({ allowedOrigin: 'http://app.test' });
});

afterEach(() => local.clock.reset());

afterAll(() => local.stop());

const move = (local: Local, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${local.instance.baseUrl}/__local/clock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

async function functionTimes(local: Local) {
  const { now, made, event } = await echo(local, '/echo/x');
  const seconds = (time: number) => Math.round((time - Date.now()) / 1000) + 0;
  return [now, made, event.requestContext.timeEpoch].map(seconds);
}

test('the clock moves for warm functions at once, and back', async () => {
  await functionTimes(local);

  expect(await (await move(local, { advance_seconds: 3600 })).json()).toEqual({
    now: expect.any(Number),
    offset_seconds: 3600,
  });
  expect(await functionTimes(local)).toEqual([3600, 3600, 3600]);
  expect(await (await move(local, { advance_seconds: -7200 })).json()).toMatchObject({ offset_seconds: -3600 });
  expect(await functionTimes(local)).toEqual([-3600, -3600, -3600]);
  expect(await (await move(local, { reset: true })).json()).toMatchObject({ offset_seconds: 0 });
  expect(await functionTimes(local)).toEqual([0, 0, 0]);
});

test('an answer is dated by the clock that was moved', async () => {
  await local.clock.advance(3600);

  const response = await fetch(`${local.instance.baseUrl}/echo/date`);

  const ahead = Date.parse(response.headers.get('date') ?? '') - Date.now();
  expect(Math.round(ahead / 60_000)).toBe(60);
});

test('the clock keeps its offset over a restart, and forgets it when fresh', async () => {
  const dir = await temporaryDirectory();
  const first = await started({ dir });
  await first.clock.advance(100_000);
  expect(JSON.parse(await readFile(join(dir, 'instance.json'), 'utf8')).clockToleranceSeconds).toBe(100_060);
  await first.stop();

  const second = await started({ dir });
  expect(await functionTimes(second)).toEqual([100_000, 100_000, 100_000]);
  await second.stop();

  expect((await started({ dir, fresh: true })).instance.clockToleranceSeconds).toBe(86_400);
});

test.each([
  ['a fraction', { advance_seconds: 1.5 }],
  ['a text', { advance_seconds: '60' }],
  ['nothing', {}],
  ['null', null],
  ['an unknown member', { advance_seconds: 1, unit: 's' }],
  ['both', { advance_seconds: 1, reset: true }],
  ['more than ten years', { advance_seconds: 315_360_001 }],
])('the clock is not moved by %s', async (_case, body) => {
  const response = await move(local, body);

  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({ message: expect.stringMatching(/^[A-Z].*\.$/) });
  expect(await functionTimes(local)).toEqual([0, 0, 0]);
});

test('the clock is moved by pages of the allowed origin and its own, and by no others', async () => {
  const from = async (origin: string) => (await move(local, { advance_seconds: 1 }, { origin })).status;

  expect(await from('http://app.test')).toBe(200);
  expect(await from(local.instance.baseUrl)).toBe(200);
  for (const origin of ['http://evil.test', 'null', 'http://app.test.evil.test', 'https://app.test'])
    expect(await from(origin)).toBe(403);
  expect((await move(local, { advance_seconds: 1 }, { 'content-type': 'text/plain' })).status).toBe(415);
  expect(await (await fetch(`${local.instance.baseUrl}/__local/clock`)).json()).toMatchObject({ offset_seconds: 2 });
});
