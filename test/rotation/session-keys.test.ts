// A session key is replaced while verifiers with their own caches verify tokens.
import { createClerkClient } from '@clerk/backend';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SETTLING_IN_SECONDS, VERIFIER_CACHE_IN_SECONDS, waitsOf } from '../../cdk/commands/signing-keys/waits.ts';
import { limits } from '../../shared/base/limits.ts';
import {
  emergency,
  endOf,
  failuresOf,
  MINUTE,
  noon,
  rotation,
  SECOND,
  STEP,
  signersFirst,
  startSurroundings,
  type Verifier,
  verifiers,
  verifiersFirst,
} from './schedule.ts';

const surroundings = await startSurroundings();
const waits = waitsOf('session', {
  inactivityInSeconds: limits.inactivityInSeconds,
  maxTicketLifeInSeconds: 3600,
  maxSessionDurationInSeconds: 3600,
});
const CACHES = (limits.jwksMaxAgeInSeconds + VERIFIER_CACHE_IN_SECONDS) * SECOND;

afterAll(surroundings.stop);

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: noon });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Returns a token that somebody else signs with the old key, valid for a day. */
async function forgedToken(at: number): Promise<string> {
  const { signSessionToken } = surroundings.load([1]);
  return signSessionToken(at, 86_400);
}

async function acceptingVerifiers(jwt: string, crowd: readonly Verifier[]): Promise<readonly string[]> {
  const answers = await Promise.all(crowd.map(async ({ name, refusal }) => ({ name, refused: await refusal(jwt) })));
  return answers.filter(({ refused }) => refused === undefined).map(({ name }) => name);
}

describe.each([
  ['sign', signersFirst],
  ['serve the JWKS', verifiersFirst],
])('while deployments first replace the functions that %s', (name, order) => {
  test('every token verifies everywhere for as long as it lives, and the old key is refused in the end', async () => {
    const schedule = rotation(waits, order);
    const crowd = verifiers(surroundings, `whole-${name}`, { size: 4, unlucky: endOf(schedule, 0) });
    const retired = endOf(schedule, 2);

    const failures = await failuresOf(surroundings, { schedule, verifiers: crowd, until: retired + CACHES });

    expect(failures).toEqual([]);
    vi.setSystemTime(retired + CACHES + STEP);
    expect(await acceptingVerifiers(await forgedToken(retired + CACHES), crowd)).toEqual([]);
  });
});

describe('a schedule that does not wait is caught:', () => {
  test.each([
    ['signing at once', 0],
    ['signing a minute before the caches have grown old', limits.jwksMaxAgeInSeconds + VERIFIER_CACHE_IN_SECONDS - 60],
  ])('a schedule that does not wait is caught: %s', async (name, beforeSign) => {
    const schedule = rotation({ ...waits, beforeSign }, signersFirst);
    const crowd = verifiers(surroundings, name, { size: 2, unlucky: endOf(schedule, 0) });
    const until = endOf(schedule, 1);

    const failures = await failuresOf(surroundings, { schedule, verifiers: crowd, until, brief: true });

    expect(failures.map(({ refusal }) => refusal)).toContain('ERR_JWKS_NO_MATCHING_KEY');
  });

  test('a schedule that does not wait is caught: retiring at once', async () => {
    const schedule = rotation({ ...waits, beforeRetire: 0 }, verifiersFirst);
    const everyMinute = verifiers(surroundings, 'retire', { size: 10, unlucky: endOf(schedule, 0) });
    const crowd = everyMinute.filter(({ name }) => name.startsWith('jose'));

    const failures = await failuresOf(surroundings, { schedule, verifiers: crowd, until: endOf(schedule, 2) });

    expect(failures.map(({ refusal }) => refusal)).toContain('ERR_JWKS_NO_MATCHING_KEY');
  });
});

test('waiting for the caches alone is enough in this simulation', async () => {
  const beforeSign = waits.beforeSign - SETTLING_IN_SECONDS;
  const schedule = rotation({ ...waits, beforeSign }, signersFirst);
  const crowd = verifiers(surroundings, 'tight', { size: 2, unlucky: endOf(schedule, 0) });
  const until = endOf(schedule, 1) + MINUTE;

  expect(await failuresOf(surroundings, { schedule, verifiers: crowd, until })).toEqual([]);
});

describe('a server-rendered page that was opened just before the session ran out', () => {
  /** Returns the result of the page's server for the last token of the old key, after the longest time without a new token. */
  async function stateWith(beforeRetire: number) {
    const schedule = rotation({ ...waits, beforeRetire }, verifiersFirst);
    const lastSignature = endOf(schedule, 1) - STEP;
    const { signSessionToken } = surroundings.load([1]);
    const sessionToken = await signSessionToken(lastSignature);
    surroundings.serve(schedule);
    vi.setSystemTime(lastSignature + limits.inactivityInSeconds * SECOND - SECOND);
    const publishableKey = `pk_live_${Buffer.from('clerk.example.com$').toString('base64')}`;
    const secretKey = `sk_test_page_${beforeRetire}`;
    const clerk = createClerkClient({
      secretKey,
      publishableKey,
      apiUrl: surroundings.jwks,
      telemetry: { disabled: true },
    });
    const cookie = `__session=${sessionToken}; __client_uat=${Math.floor(lastSignature / SECOND)}`;
    const headers = { cookie, accept: 'text/html', 'sec-fetch-dest': 'document' };
    return clerk.authenticateRequest(new Request('https://app.example.com/page', { headers }));
  }

  test('a page that was opened just before its session ended is sent for a fresh token', async () => {
    expect(await stateWith(waits.beforeRetire)).toMatchObject({
      status: 'handshake',
      reason: expect.stringMatching(/^session-token-expired/),
    });
  });

  test('a page would be signed out if the old key were retired with its last token', async () => {
    expect(await stateWith(limits.sessionTokenLifeInSeconds)).toMatchObject({
      status: 'signed-out',
      reason: 'jwk-kid-mismatch',
    });
  });
});

describe('in an emergency', () => {
  test('in an emergency new tokens verify at once with a fresh JWKS, and later everywhere', async () => {
    const schedule = emergency(signersFirst);
    const crowd = verifiers(surroundings, 'emergency', { size: 3, unlucky: endOf(schedule, 0) });
    const replaced = endOf(schedule, 0);

    const failures = await failuresOf(surroundings, {
      schedule,
      verifiers: crowd,
      until: replaced + CACHES + 2 * MINUTE,
    });

    const minutesAfter = (prefix: RegExp) =>
      Math.max(...failures.filter(({ verifier }) => prefix.test(verifier)).map(({ minute }) => minute)) -
      (replaced - noon) / MINUTE;
    // In the minute of the change tokens of both keys are valid.
    expect(minutesAfter(/^jose|clerk/)).toBeLessThanOrEqual(1);
    expect(minutesAfter(/patient|unlucky/)).toBeGreaterThan(10);
    expect(minutesAfter(/patient|unlucky/)).toBeLessThan(CACHES / MINUTE);
    expect(await acceptingVerifiers(await forgedToken(Date.now()), crowd)).toEqual([]);
  });

  test('in an emergency tokens of a stolen key are accepted until the caches have expired', async () => {
    const schedule = emergency(signersFirst);
    const crowd = verifiers(surroundings, 'forged', { size: 2, unlucky: endOf(schedule, 0) });
    const replaced = endOf(schedule, 0);
    const forged = await forgedToken(noon);
    surroundings.serve(schedule);
    const acceptedAt: number[] = [];

    for (let now = noon; now <= replaced + CACHES + MINUTE; now += STEP) {
      vi.setSystemTime(now);
      const asked = crowd.filter(({ since }) => now >= since);
      if ((await acceptingVerifiers(forged, asked)).length > 0) acceptedAt.push(now);
    }

    expect(Math.max(...acceptedAt)).toBeGreaterThan(replaced + CACHES - 2 * MINUTE);
    expect(Math.max(...acceptedAt)).toBeLessThan(replaced + CACHES);
  });

  test('in an emergency @clerk/backend keeps the old key until it is restarted', async () => {
    const schedule = emergency(signersFirst);
    const [clerk] = verifiers(surroundings, 'unknown', { size: 1, unlucky: noon }).filter(({ name }) =>
      /clerk/.test(name),
    );
    const forged = await forgedToken(noon);
    const { signSessionToken } = surroundings.load([3]);
    const unknown = await signSessionToken(noon, 86_400);
    surroundings.serve(schedule);

    const until = endOf(schedule, 0) + 2 * CACHES;
    for (let now = noon; now <= until; now += 2 * MINUTE) {
      vi.setSystemTime(now);
      await clerk?.refusal(forged);
      await clerk?.refusal(unknown);
    }

    expect(await clerk?.refusal(forged)).toBeUndefined();
  });
});
