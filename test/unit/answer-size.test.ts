import { expect, test } from 'vitest';
import { checkAnswerSize } from '../../shared/http/answer.ts';

/** Five hundred of the largest users would be 18 MB. */
const listOf = (count: number, text: string) => Array.from({ length: count }, () => ({ text }));

test('a list that Lambda can answer is answered', () => {
  const list = listOf(240, 'x'.repeat(24_000));

  expect(checkAnswerSize(list)).toBe(list);
});

test.each([
  ['with its length', listOf(260, 'x'.repeat(24_000))],
  ['with what JSON inside JSON escapes', listOf(240, '"'.repeat(8000))],
])('one that it cannot %s is refused, with what to do', (_, list) => {
  expect(() => checkAnswerSize(list)).toThrow(
    expect.objectContaining({
      items: [
        {
          code: 'form_param_value_too_large',
          meta: { param_name: 'limit' },
          sentence: 'What was asked for makes an answer of over 6 MB. Ask with a smaller limit.',
        },
      ],
    }),
  );
});
