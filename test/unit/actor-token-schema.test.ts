import { describe, expect, test } from 'vitest';
import { createActorTokenBody } from '../../shared/actor-tokens/actor-token-schema.ts';
import { limits } from '../../shared/base/limits.ts';
import { parseParams } from '../../shared/base/params.ts';

const longest = {
  maxTicketLifeInSeconds: limits.ticketLifeInSeconds.max,
  maxSessionDurationInSeconds: limits.sessionMaxDurationInSeconds.max,
};
const body = { user_id: 'user_1', actor: { sub: 'user_support' } };

describe('a deployment with smaller maxima', () => {
  const schema = createActorTokenBody({ maxTicketLifeInSeconds: 600, maxSessionDurationInSeconds: 1200 });

  test('a deployment with smaller maxima gives its maxima as defaults', () => {
    expect(parseParams(schema, body)).toMatchObject({
      expires_in_seconds: 600,
      session_max_duration_in_seconds: 1200,
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
  expect(parseParams(createActorTokenBody(longest), body)).toMatchObject({
    expires_in_seconds: 3600,
    session_max_duration_in_seconds: 1800,
  });
});
