import { describe, expect, test } from 'vitest';
import { epochMs } from '../../shared/base/time.ts';
import { isUsable, naturalEnd, type Session, statusAt, whyNotUsable } from '../../shared/sessions/session.ts';
import { aSession } from '../support/a-session.ts';
import { anInstance } from '../support/an-instance.ts';

const noon = 1_700_000_000_000;
const SECOND = 1000;
const EXPIRE_AT = noon + 1800 * SECOND;
const INACTIVE_AT = noon + 600 * SECOND;
const client = { id: 'client_2Zwn4c4SnN4HHeTb8EK7pe29iof', secretHash: 'secret' } as const;

const instance = anInstance();
const at = (now: number) => ({ instance, now: epochMs(now) });

describe('a session is over', () => {
  test.each([
    ['ten minutes after its last activity', noon, INACTIVE_AT],
    ['at its fixed end, when that is earlier', EXPIRE_AT - 600 * SECOND + 1, EXPIRE_AT],
    ['at both, when they fall together', EXPIRE_AT - 600 * SECOND, EXPIRE_AT],
  ])('a session ends %s', (_, lastActiveAt, end) => {
    const session = aSession({ lastActiveAt: epochMs(lastActiveAt) });

    expect(naturalEnd(session, instance)).toBe(end);
    expect([end - 1, end, end + 1].map((now) => statusAt(session, at(now)))).toEqual(['active', 'expired', 'expired']);
  });
});

describe('the status of a session that somebody ended', () => {
  test.each(['ended', 'removed', 'revoked'] as const)(
    'a session that was ended in time is %s, now and later',
    (endStatus) => {
      const session = aSession({ endStatus, endedAt: epochMs(INACTIVE_AT - 1) });

      const statuses = [noon, INACTIVE_AT - 1, INACTIVE_AT, EXPIRE_AT + 1].map((now) => statusAt(session, at(now)));

      expect(statuses).toEqual(Array(4).fill(endStatus));
    },
  );

  test.each([0, 1, 10_000_000])('a session that was ended %i ms too late is expired', (late) => {
    const session = aSession({ endStatus: 'revoked', endedAt: epochMs(INACTIVE_AT + late) });

    expect(statusAt(session, at(INACTIVE_AT + late))).toBe('expired');
  });
});

describe('an end that is stored in part', () => {
  const statuses = (session: Session) => [noon, INACTIVE_AT - 1, INACTIVE_AT].map((now) => statusAt(session, at(now)));

  test('without its time is an end', () => {
    expect(statuses(aSession({ endStatus: 'revoked' }))).toEqual(['revoked', 'revoked', 'expired']);
  });

  test('without its status prolongs nothing', () => {
    expect(statuses(aSession({ endedAt: epochMs(noon) }))).toEqual(['active', 'active', 'expired']);
  });
});

describe('a browser may use a session', () => {
  test('a browser may use its own live session of this generation', () => {
    expect(isUsable(aSession(), client, at(noon))).toBe(true);
  });

  test.each([
    ['that does not exist', undefined, 'resource_not_found'],
    ['of another generation', aSession({ generation: 2 }), 'resource_not_found'],
    ['of another browser', aSession({ clientId: 'client_2Zwn4c4SnN4HHeTb8EK7pe29iog' }), 'resource_not_found'],
    [
      'of another browser that is also dead',
      aSession({ clientId: 'client_2Zwn4c4SnN4HHeTb8EK7pe29iog', endStatus: 'ended', endedAt: epochMs(noon) }),
      'resource_not_found',
    ],
    ['that was ended', aSession({ endStatus: 'ended', endedAt: epochMs(noon) }), 'authentication_invalid'],
    ['that has expired', aSession({ expireAt: epochMs(noon) }), 'authentication_invalid'],
    ['of an earlier sign-in', aSession({ clientSecretHash: 'bb' }), 'authentication_invalid'],
  ] as const)('a browser may not use a session %s', (_, session, code) => {
    expect(isUsable(session, client, at(noon))).toBe(false);
    expect(whyNotUsable(session, client, at(noon))).toBe(code);
  });
});
