// Ending the sessions of the clients that a request claims, and the state of a page.
import { describe, expect, test } from 'vitest';
import { ApiError, type ErrorCode } from '../../shared/base/errors.ts';
import type { ClientId } from '../../shared/base/ids.ts';
import { isActiveTab } from '../../shared/sessions/session-schema.ts';
import { endOfEach, isUnproved } from '../../shared/sessions/sign-out.ts';

const clientsOf = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ id: `client_${at}` as ClientId, secretHash: 'a' }));

describe('a refusal', () => {
  test.each<[code: ErrorCode, expected: boolean]>([
    ['signed_out', true],
    ['authentication_invalid', true],
    ['resource_not_found', true],
    ['too_many_requests', false],
    ['service_unavailable', false],
  ])('%s is of a client that proves nothing: %s', (code, expected) => {
    expect(isUnproved(new ApiError(code))).toBe(expected);
  });

  test('is none when it is another error, whatever its code', () => {
    expect(isUnproved(Object.assign(new Error(), { code: 'signed_out' }))).toBe(false);
  });
});

describe('ending what each client proves', () => {
  const ending = async (outcomes: readonly (string | ErrorCode | Error)[], doubtful = 0) => {
    const ended: string[] = [];
    const clients = clientsOf(outcomes.length);
    const result = await endOfEach(
      { clients: clients.slice(doubtful), doubtful: clients.slice(0, doubtful) },
      async ({ id }) => {
        ended.push(id);
        const outcome = outcomes[Number(id.slice('client_'.length))];
        if (outcome instanceof Error) throw outcome;
        if (outcome !== 'done') throw new ApiError(outcome as ErrorCode);
        return id;
      },
    ).catch((error: { code?: string; message: string }) => error.code ?? error.message);
    return { result, ended: ended.length };
  };

  test('returns the first that proves something, the others also being ended', async () => {
    expect(await ending(['signed_out', 'done', 'done'])).toEqual({ result: 'client_1', ended: 3 });
  });

  test('throws the first refusal when none proves anything, and signed_out without a client', async () => {
    expect(await ending(['authentication_invalid', 'signed_out'])).toMatchObject({ result: 'authentication_invalid' });
    expect(await ending([])).toEqual({ result: 'signed_out', ended: 0 });
  });

  test('throws a failure, also beside a client that proves something', async () => {
    expect(await ending(['done', 'service_unavailable'])).toMatchObject({ result: 'service_unavailable' });
    expect(await ending(['done', new Error('broken')])).toMatchObject({ result: 'broken' });
  });

  test('is of eight clients at most, those first whose cookies nobody else can have planted', async () => {
    expect(await ending(Array(8).fill('done'))).toEqual({ result: 'client_0', ended: 8 });
    expect(await ending(Array(9).fill('done'), 1)).toEqual({ result: 'client_1', ended: 8 });
  });
});

test.each([
  ['', true],
  ['tab_state=', true],
  ['tab_state=focused', true],
  ['tab_state=visible', true],
  ['tab_state=hidden', false],
  ['tab_state=blurred', false],
])('a page with the form "%s" is in the foreground: %s', (form, expected) => {
  expect(isActiveTab(new URLSearchParams(form))).toBe(expected);
});
