// No malformed request is answered with 5xx or in an undocumented form, and a refused one stores nothing.
import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import type { Instance } from '../../../shared/base/instance.ts';
import { errorCatalogue } from '../../../shared/http/error-catalogue.ts';
import type { HttpEvent, HttpResult } from '../../../shared/http/operation.ts';
import { restore } from '../../restore/restored.ts';
import { type Api, type Lambdas, startApi, type TestAnswer, testInstance } from '../../support/http.ts';
import { deleteItem, storeItem } from '../../support/stored.ts';
import { isLong } from '../figures.ts';
import { aSubject, type Subject } from './drafts.ts';
import { aMutant, type Mutant, sweepLength, swept } from './requests.ts';
import { type Choices, choicesOf, expectNoViolation, MANY, timeout, violationsOf } from './seeded.ts';
import { writesDuring } from './writes.ts';

const FILE = 'test/prove/input/requests.test.ts';
const NAME = 'no malformed request causes a 5xx, an undocumented answer, or a change when it is refused';
const BLOCK = 100;
const check = { name: 'Malformed requests', test: [FILE, NAME], block: BLOCK, cases: isLong ? 86_000 : 3000 } as const;

/** An instance whose blocklist is in a table of its own: a mutated request can block any actor, also one of another test. */
const withOwnBlocklist = testInstance(await restore(new Map([['BLOCKLIST', []]]), randomUUID()));
const { answerTo } = startApi(withOwnBlocklist);

/** Returns the rule that an answer violates; undefined for none. `answerTo` has compared it with the OpenAPI
 * document. */
function violationOf(
  { status, headers, json, text }: TestAnswer,
  { writes, method }: { readonly writes: number; readonly method: string },
): string | undefined {
  if (status >= 500 || status < 200) return `the status ${status} ${json?.errors?.[0]?.code ?? ''}`;
  if (['GET', 'HEAD', 'OPTIONS'].includes(method) && writes > 0) return `${method}, and ${writes} writes`;
  if (status < 400) return undefined;
  // The record keeps an actor token that was refused because its actor is blocked.
  const isOnRecord = json?.errors?.[0]?.meta?.kind === 'blocked';
  if (writes > 0 && !isOnRecord) return `${status} ${json?.errors?.[0]?.code ?? ''}, and ${writes} writes`;
  if (headers['content-type'] !== 'application/json')
    return text === '' || headers['content-type']?.startsWith('text/html') ? undefined : 'another content type';
  const isKnown = text === '' || json.errors.every(({ code }: { code: string }) => Object.hasOwn(errorCatalogue, code));
  return isKnown ? undefined : 'a code that is not in the catalogue';
}

/** Requests that may end what the subject of a block has come last, so that most requests find it whole. */
const mayEnd = (number: number) => number % BLOCK >= 0.7 * BLOCK;

type Make = (choices: Choices, subject: Subject, number: number) => Mutant;

const anyMutant: Make = (choices, subject, number) => aMutant(choices, subject, mayEnd(number));

const judge =
  (answer: Api['answerTo'], make = anyMutant) =>
  async (...given: Parameters<Make>): Promise<string | undefined> => {
    const { operation, names, event } = make(...given);
    const about = `${operation}, ${names.join(', ')}`;
    try {
      const { result, writes } = await writesDuring(() => answer(event));
      const violation = violationOf(result, { writes, method: event.requestContext.http.method });
      return violation && `${about}: ${violation}`;
    } catch (error) {
      return `${about}: ${error instanceof Error ? error.message.slice(0, 500) : error}`;
    }
  };

describe('a malformed request', () => {
  test(NAME, { timeout }, async () => {
    await expectNoViolation({ ...check, unit: 'requests' }, aSubject, judge(answerTo));
  });

  test('the requests come past the first check: some are still valid, and others are refused for each kind of fault', {
    timeout,
  }, async () => {
    const statuses: number[] = [];
    const noting: Api['answerTo'] = async (event) => {
      const answer = await answerTo(event);
      statuses.push(answer.status);
      return answer;
    };

    await violationsOf({ ...check, cases: 2000 }, aSubject, judge(noting));

    const shareOf = (status: number) => statuses.filter((each) => each === status).length / statuses.length;
    expect(shareOf(200)).toBeGreaterThan(0.1);
    for (const status of [400, 401, 404, 405, 413, 415, 422]) expect(shareOf(status), `${status}`).toBeGreaterThan(0);
  });

  const SWEEP = 'no odd value in any parameter causes a 5xx, an undocumented answer, or a change when it is refused';

  test(SWEEP, { timeout }, async () => {
    const cases = isLong ? sweepLength : 1000;
    const ofSweep: Make = (choices, subject, number) => swept(isLong ? number : choices.below(sweepLength), subject);
    const sweep = { ...check, name: 'Odd values', test: [FILE, SWEEP], unit: 'requests', cases } as const;

    await expectNoViolation(sweep, aSubject, judge(answerTo, ofSweep));
  });

  test('the same seed and the same number of a case make the same request', async () => {
    const subject = await aSubject();
    const made = (seed: number, number: number) => {
      const { requestContext: _, ...event } = aMutant(choicesOf(seed, number), subject, true).event;
      return event;
    };
    const numbers = Array.from({ length: 200 }, (_, number) => number);

    const events = numbers.map((number) => made(1, number));

    expect(numbers.map((number) => made(1, number))).toEqual(events);
    expect(numbers.map((number) => made(2, number))).not.toEqual(events);
    expect(new Set(events.map((event) => JSON.stringify(event))).size).toBeGreaterThan(190);
  });

  /** A Lambda whose results are changed, or whose events are looked at first. */
  const changing =
    (name: keyof Lambdas, change: (result: HttpResult, event: HttpEvent) => Promise<HttpResult> | HttpResult) =>
    (own: Lambdas): Lambdas => ({
      ...own,
      [name]: (instance: Instance) => {
        const handler = own[name](instance);
        return async (event: HttpEvent, context: Context) => change(await handler(event, context), event);
      },
    });
  const strayItem = { id: `client_${randomUUID()}` };
  const isRefused = ({ statusCode = 200 }: HttpResult) => statusCode >= 400;

  test.each<[what: string, weakened: (own: Lambdas) => Lambdas]>([
    [
      'throws on one member of a body',
      changing('users', (result, { body }) => {
        if (body?.includes('__proto__')) throw new TypeError('Cannot read properties of undefined');
        return result;
      }),
    ],
    [
      'answers one error with 500',
      changing('users', (result) => (result.statusCode === 422 ? { ...result, statusCode: 500 } : result)),
    ],
    [
      'answers an error without its trace id',
      changing('browser-sessions', (result) => ({
        ...result,
        body: result.body?.replace(/,"clerk_trace_id":"\w+"/, '') ?? '',
      })),
    ],
    [
      'answers an error as text',
      changing('browser-sessions', (result) =>
        isRefused(result) ? { ...result, headers: { ...result.headers, 'content-type': 'text/plain' } } : result,
      ),
    ],
    [
      'answers a code that no operation has',
      changing('fallback', (result) => ({
        ...result,
        body: result.body?.replace('resource_not_found', 'not_found') ?? '',
      })),
    ],
    [
      'stores something when it refuses',
      changing('create-actor-token', async (result) => {
        if (isRefused(result)) await storeItem('CLIENTS', strayItem);
        return result;
      }),
    ],
  ])('the check notices a function that %s', { timeout }, async (_, weakened) => {
    const { answerTo: weak } = startApi(withOwnBlocklist, weakened);

    const violations = await violationsOf({ ...check, cases: MANY, enough: 1 }, aSubject, judge(weak));

    await deleteItem('CLIENTS', strayItem);
    expect(violations).toHaveLength(1);
  });
});
