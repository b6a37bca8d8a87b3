// Mutations of texts, and values that programs tend to misread.
import type { Choices } from './seeded.ts';

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Texts that programs tend to misread. None is `*`, which as an identifier of the blocklist blocks everybody. */
export const ODD_TEXTS: readonly string[] = [
  '',
  ' ',
  '\0',
  'a\0b',
  '\u00a0',
  '\u2000',
  '\ufeff',
  '\r\n',
  '\r\nset-cookie: a=b',
  '\ud83d',
  '\udc00x',
  '\u202eevil',
  'é',
  'e\u0301',
  '😀',
  '%',
  '%00',
  '%ff',
  '%2f',
  '%25',
  '..',
  '../../etc/passwd',
  '/',
  '\\',
  '"',
  "'",
  '<script>',
  '{{7*7}}',
  'null',
  'undefined',
  'true',
  'NaN',
  'Infinity',
  '-Infinity',
  '-0',
  '-1',
  '0',
  '1.5',
  '1e3',
  '1e400',
  '0x10',
  '９',
  '9007199254740993',
  '99999999999999999999999999',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '[object Object]',
  'a,b',
  'a;b',
  'a=b',
  'a&b=c',
  'x'.repeat(257),
  'x'.repeat(5000),
  '\u{1f468}\u200d'.repeat(60),
  `user_${'0'.repeat(27)}`,
  `act_${'0'.repeat(27)}`,
  `sess_${'0'.repeat(27)}`,
  'external_id#x',
];

const INSERTED: readonly string[] = [...'.=+/-_ ,;%&"\\\0\n\r\t', '%20', '\u00a0', '\u200b', '\ud83d', ...'A0z'];

/** A mutation of a text, by its name. */
export type Mutation = readonly [name: string, mutate: (text: string, choices: Choices) => string];

/** Mutations of any text. They may leave it unchanged. */
export const TEXT_MUTATIONS: readonly Mutation[] = [
  [
    'another character',
    (text, { below, pick }) => {
      const at = below(text.length);
      return `${text.slice(0, at)}${pick([...BASE64URL])}${text.slice(at + 1)}`;
    },
  ],
  [
    'a flipped bit',
    (text, { below }) => {
      const at = below(text.length);
      const flipped = String.fromCharCode(text.charCodeAt(at) ^ (1 << below(7)));
      return `${text.slice(0, at)}${flipped}${text.slice(at + 1)}`;
    },
  ],
  [
    'a character more',
    (text, { below, pick }) => {
      const at = below(text.length + 1);
      return `${text.slice(0, at)}${pick(INSERTED)}${text.slice(at)}`;
    },
  ],
  [
    'a character less',
    (text, { below }) => {
      const at = below(text.length);
      return `${text.slice(0, at)}${text.slice(at + 1)}`;
    },
  ],
  ['cut short', (text, { below }) => text.slice(0, below(text.length))],
  ['cut at its front', (text, { below }) => text.slice(1 + below(text.length))],
  ['twice', (text) => `${text}${text}`],
  ['twice with a separator', (text, { pick }) => `${text}${pick([',', ';', ' ', '.', '&', '\n'])}${text}`],
  ['in upper case', (text) => text.toUpperCase()],
  ['in lower case', (text) => text.toLowerCase()],
  [
    'one character in another case',
    (text, { below }) => {
      const at = below(text.length);
      const character = text[at] ?? '';
      const other = character === character.toLowerCase() ? character.toUpperCase() : character.toLowerCase();
      return `${text.slice(0, at)}${other}${text.slice(at + 1)}`;
    },
  ],
  ['reversed', (text) => [...text].reverse().join('')],
  ['in quotes', (text) => `"${text}"`],
  [
    'percent-encoded',
    (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  ],
  [
    'between blanks',
    (text, { pick }) => `${pick(['', ' ', '\t', '\u2000'])}${text}${pick([' ', '\t', '\0', '\u00a0'])}`,
  ],
  [
    'two characters exchanged',
    (text, { below }) => {
      const at = below(Math.max(text.length - 1, 1));
      return `${text.slice(0, at)}${text[at + 1] ?? ''}${text[at] ?? ''}${text.slice(at + 2)}`;
    },
  ],
  ['in base64', (text) => Buffer.from(text).toString('base64url')],
  ['another text', (_text, { pick }) => pick(ODD_TEXTS)],
];

/** Returns a text that differs from the given one, with the name of the mutation. */
export function mutated(
  text: string,
  choices: Choices,
  mutations: readonly Mutation[] = TEXT_MUTATIONS,
): readonly [name: string, text: string] {
  for (;;) {
    const [name, mutate] = choices.pick(mutations);
    const changed = mutate(text, choices);
    if (changed !== text) return [name, changed];
  }
}
