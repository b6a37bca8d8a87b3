// The property tests try any text, made of characters that matter here more often than chance would.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOT_BLANK, PRINTABLE, shownText } from '../../shared/base/printable.ts';

const isPrintable = (text: string) => PRINTABLE.test(text) && NOT_BLANK.test(text);

const JOINERS = ['\u200c', '\u200d'];
const HIDDEN = /[\p{Cc}\p{Cs}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/u;
const SELECTORS = /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;

const character = fc.oneof(
  fc.constantFrom(
    ...JOINERS,
    '\u202e',
    '\u2069',
    '\u200b',
    '\ufeff',
    '\u00ad',
    '\u061c',
    '\u180e',
    '\ufe0f',
    '\u3164',
    '\u2028',
  ),
  fc.constantFrom('a', 'é', 'م', 'क', '्', 'ष', '👩', '🏽', '❤', '葛', ' ', '\u2800', '\n', '\0', '\ud800'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const text = fc.array(character, { maxLength: 12 }).map((characters) => characters.join(''));

describe('a text that people read', () => {
  test.each([
    'Ada Lovelace',
    'José O’Neil',
    'נועם כהן',
    'محمد',
    'می\u200cخواهم',
    'क्\u200dष',
    'ශ්\u200dරී',
    '葛\u{e0100}城',
    '👩\u200d💻',
    '👩🏽\u200d💻',
    '❤\ufe0f\u200d🔥',
    '🏳\ufe0f\u200d🌈',
    '👨\u200d🦰',
    '1\ufe0f\u20e3',
    'support+7@example.com',
  ])('may be %s', (each) => {
    expect(isPrintable(each)).toBe(true);
    expect(shownText(each)).toBe(each);
  });

  test.each([
    ['an override', 'A\u2069\u202egro.live\u202c', 'A\ufffd\ufffdgro.live\ufffd'],
    ['an isolate', 'a\u2066b\u2069', 'a\ufffdb\ufffd'],
    ['a zero-width space', 'ad\u200bmin', 'ad\ufffdmin'],
    ['a joiner between letters that need none', 'ad\u200dmin', 'ad\ufffdmin'],
    ['a joiner at the end', 'م\u200c', 'م\ufffd'],
    ['two joiners', 'م\u200c\u200cخ', 'م\ufffd\ufffdخ'],
    ['a soft hyphen', 'ad\u00admin', 'ad\ufffdmin'],
    ['a byte order mark', '\ufeffadmin', '\ufffdadmin'],
    ['a letter without a shape', '\u3164', '\ufffd'],
    ['a selector without a character', '\ufe0fa', '\ufffda'],
    ['characters of a tag', 'a\u{e0061}', 'a\ufffd'],
    ['a line separator', 'a\u2028b', 'a\ufffdb'],
    ['a line break', 'a\nb', 'a\ufffdb'],
    ['half a surrogate pair', 'a\ud800', 'a\ufffd'],
  ])('has no %s, and is shown with a mark in its place', (_, given, shown) => {
    expect(isPrintable(given)).toBe(false);
    expect(shownText(given)).toBe(shown);
  });

  test.each(['', ' ', '   ', '\u00a0', '\u2003\u3000', '\u2800'])('is not blank: %j', (blank) => {
    expect(isPrintable(blank)).toBe(false);
  });

  test('has nothing hidden but joiners between letters or emoji, and selectors behind a character', () => {
    fc.assert(
      fc.property(text, (any) => {
        fc.pre(PRINTABLE.test(any));
        const joinersApart = any.replaceAll(/(?<=[^\u200c\u200d])[\u200c\u200d](?=[^\u200c\u200d])/gu, '');
        expect(joinersApart.replaceAll(SELECTORS, '')).not.toMatch(HIDDEN);
        expect(any).not.toMatch(/^[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u);
        expect(any).not.toMatch(/[A-Za-zé][\u200c\u200d]|[\u200c\u200d][A-Za-zé]/u);
      }),
      { numRuns: 3000 },
    );
  });

  test('is printable as it is shown, and unchanged if it was printable', () => {
    fc.assert(
      fc.property(text, (any) => {
        const shown = shownText(any);
        expect(PRINTABLE.test(shown)).toBe(true);
        expect(shownText(shown)).toBe(shown);
        if (PRINTABLE.test(any)) expect(shown).toBe(any);
      }),
      { numRuns: 3000 },
    );
  });

  test('is checked in a time that grows with its length only', () => {
    const startedAt = performance.now();

    for (const part of ['م\u200c', 'م\u200cم', '👩\u200d', 'क्\u200d', ' ', '\ufe0f'])
      expect(PRINTABLE.test(`${part.repeat(20_000)}\n`)).toBe(false);

    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});
