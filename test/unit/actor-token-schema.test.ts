import { describe, expect, test } from 'vitest';
import { createActorTokenBody, longestLives } from '../../shared/actor-tokens/actor-token-schema.ts';
import { parseParams } from '../../shared/base/params.ts';

const body = { user_id: 'user_1', actor: { sub: 'user_support' } };

describe('a deployment that allows shorter lives', () => {
  const schema = createActorTokenBody({ ticket: 600, session: 1200 });

  test('gives those to whoever names none', () => {
    expect(parseParams(schema, body)).toMatchObject({
      expires_in_seconds: 600,
      session_max_duration_in_seconds: 1200,
    });
  });

  test.each([
    ['expires_in_seconds', 600],
    ['session_max_duration_in_seconds', 1200],
  ])('takes %s up to %i and no further', (name, max) => {
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

test('a deployment that allows all gives the published defaults to whoever names none', () => {
  expect(parseParams(createActorTokenBody(longestLives), body)).toMatchObject({
    expires_in_seconds: 3600,
    session_max_duration_in_seconds: 1800,
  });
});
