import { describe, expect, test } from 'vitest';
import { createActorTokenBody, parseCreateActorToken } from '../../shared/actor-tokens/actor-token-schema.ts';
import { durationsUnder } from '../../shared/actor-tokens/durations.ts';
import { parseParams } from '../../shared/base/params.ts';
import type { Rule } from '../../shared/base/policy.ts';
import { anInstance } from '../support/an-instance.ts';

const body = { user_id: 'user_1', actor: { sub: 'user_support' } };

describe('a deployment with smaller maxima', () => {
  const schema = createActorTokenBody({ maxTicketLifeInSeconds: 600, maxSessionDurationInSeconds: 1200 });

  test('a deployment with smaller maxima gives its maxima as defaults', () => {
    const small = anInstance({ MAX_TICKET_LIFE_IN_SECONDS: '600', MAX_SESSION_DURATION_IN_SECONDS: '1200' });

    expect(durationsUnder(undefined, parseCreateActorToken(body, small), small)).toEqual({
      expiresInSeconds: 600,
      sessionMaxDurationInSeconds: 1200,
    });
  });

  test.each([
    ['expires_in_seconds', 600],
    ['session_max_duration_in_seconds', 1200],
  ])('a deployment with smaller maxima accepts %s up to %i and no more', (name, max) => {
    expect(parseParams(schema, { ...body, [name]: max })).toHaveProperty(name, max);
    expect(() => parseParams(schema, { ...body, [name]: max + 1 })).toThrow(
      expect.objectContaining({
        items: [
          {
            code: 'form_param_value_too_large',
            sentence: `${name} must be an integer from 1 to ${max}.`,
            meta: { param_name: name },
          },
        ],
      }),
    );
  });
});

test('a deployment with the largest maxima gives the published defaults', () => {
  const instance = anInstance();

  expect(durationsUnder(undefined, parseCreateActorToken(body, instance), instance)).toEqual({
    expiresInSeconds: 3600,
    sessionMaxDurationInSeconds: 1800,
  });
});

describe('a rule with limits', () => {
  const rule: Rule = { id: 'support', effect: 'allow', limits: { ticket: 300, session: 900 } };
  const asked = (members: object) => parseCreateActorToken({ ...body, ...members }, anInstance());

  test('gives its limits where nothing is asked for, and a shorter default stays', () => {
    const short = { ...rule, limits: { ticket: 300, session: 7200 } };

    expect(durationsUnder(rule, asked({}), anInstance())).toEqual({
      expiresInSeconds: 300,
      sessionMaxDurationInSeconds: 900,
    });
    expect(durationsUnder(short, asked({}), anInstance())).toMatchObject({ sessionMaxDurationInSeconds: 1800 });
  });

  test.each([
    ['expires_in_seconds', 300],
    ['session_max_duration_in_seconds', 900],
  ])('allows %s up to %i and no more', (name, most) => {
    expect(Object.values(durationsUnder(rule, asked({ [name]: most }), anInstance()))).toContain(most);
    expect(() => durationsUnder(rule, asked({ [name]: most + 1 }), anInstance())).toThrow(
      expect.objectContaining({
        items: [
          {
            code: 'form_param_value_too_large',
            sentence: `${name} must be at most ${most}: rule support of the policy allows no more.`,
            meta: { param_name: name, kind: 'policy', title: 'support' },
          },
        ],
      }),
    );
  });
});

describe('a reason', () => {
  test.each([
    [{ reason: 'Case 4711' }, 'Case 4711'],
    [{ actor: { sub: 'a', reason: 'Case 4711' } }, 'Case 4711'],
    [{ reason: 'Case 4711', actor: { sub: 'a', reason: 'another' } }, 'Case 4711'],
    [{ actor: { sub: 'a', reason: { case: 4711 } } }, undefined],
    [{ actor: { sub: 'a', reason: 'x'.repeat(501) } }, undefined],
    [{}, undefined],
  ])('of %j is %j', (members, reason) => {
    expect(parseCreateActorToken({ ...body, ...members }, anInstance()).reason).toBe(reason);
  });
});
