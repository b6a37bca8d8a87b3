// Mutations of JSON, as text: JSON can hold more than the values of JavaScript, such as the same member twice.
import type { Choices } from './seeded.ts';
import { ODD_TEXTS } from './texts.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Stands in a value for a piece of JSON that no value of JavaScript gives. No such text is in any other value. */
const RAW = '@raw';

/** Values as JSON texts, valid and not. */
export const ODD_VALUES: readonly string[] = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '-1',
  '1',
  '60',
  '1.5',
  '1e2',
  '1e400',
  '-1e400',
  '9007199254740993',
  '123456789012345678901234567890',
  '0.1e-400',
  'NaN',
  'Infinity',
  '-Infinity',
  '01',
  '+1',
  '.5',
  '0x10',
  'undefined',
  "'x'",
  '[]',
  '{}',
  '[null]',
  '[[]]',
  '{"":""}',
  '{"sub":"x"}',
  '{"sub":{"sub":"x"}}',
  '{"__proto__":{"sub":"x"}}',
  '{"constructor":{"prototype":{"sub":"x"}}}',
  '{"toString":1,"valueOf":1,"toJSON":1,"length":-1,"then":1}',
  '"\\ud83d"',
  '"\\udc00\\ud83d"',
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\u202e"',
  '"\u0001"',
  '"\\x"',
  '"',
  ...ODD_TEXTS.map((text) => JSON.stringify(text)),
  JSON.stringify('x'.repeat(70_000)),
  `${'['.repeat(31)}${']'.repeat(31)}`,
  `${'['.repeat(40)}${']'.repeat(40)}`,
  `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`,
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `[${'0,'.repeat(3000)}0]`,
  `{${Array.from({ length: 1000 }, (_, index) => `"a${index}":1`).join(',')}}`,
];

const NAMES: readonly string[] = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '',
  ' ',
  '\0',
  '\ud83d',
  'a.b',
  'a[0]',
];

/** The places of all values in a value, the value itself included. */
function placesIn(value: Json, place: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [place];
  return [place, ...Object.entries(value).flatMap(([name, member]) => placesIn(member, [...place, name]))];
}

/** Replaces the value at a place; undefined removes it. */
function replaced(value: Json, [name, ...rest]: readonly string[], by: Json | undefined): Json | undefined {
  if (name === undefined || typeof value !== 'object' || value === null) return by;
  const entries = Object.entries(value).flatMap(([each, member]): [string, Json][] => {
    const kept = each === name ? replaced(member, rest, by) : member;
    return kept === undefined ? [] : [[each, kept]];
  });
  return Array.isArray(value) ? entries.map(([, member]) => member) : Object.fromEntries(entries);
}

/** The text of a value in which one text stands for a piece of JSON. */
function textWith(value: Json | undefined, raw: string): string {
  return (JSON.stringify(value) ?? '').replace(`"${RAW}"`, () => raw);
}

const memberOf = (name: string, raw: string) => `${JSON.stringify(name)}:${raw}`;

type JsonMutation = readonly [
  name: string,
  mutate: (value: Json, choices: Choices, names: readonly string[]) => string,
];

/** Each gives the text of a mutated value. `names` are those that the schema of the value knows. */
const JSON_MUTATIONS: readonly JsonMutation[] = [
  ['an odd value', (value, { pick }) => textWith(replaced(value, pick(placesIn(value)), RAW), pick(ODD_VALUES))],
  [
    'an odd value of a known name',
    (value, { pick }, names) => jsonWith(Object(value), names.length > 0 ? pick(names) : 'x', pick(ODD_VALUES)),
  ],
  ['a member less', (value, { pick }) => textWith(replaced(value, pick(placesIn(value)), undefined), '')],
  [
    'a member twice',
    (value, { pick, onceIn }, names) => {
      const member = memberOf(pick([...Object.keys(Object(value)), ...names, 'x']), pick(ODD_VALUES));
      const text = JSON.stringify(value);
      const comma = text === '{}' ? '' : ',';
      return onceIn(2)
        ? text.replace('{', () => `{${member}${comma}`)
        : text.replace(/\}$/, () => `${comma}${member}}`);
    },
  ],
  [
    'a member of a reserved name',
    (value, { pick, onceIn }) => {
      const member = memberOf(pick(NAMES), onceIn(2) ? JSON.stringify(value) : pick(ODD_VALUES));
      return JSON.stringify(value).replace('{', () => `{${member}${Object.keys(Object(value)).length > 0 ? ',' : ''}`);
    },
  ],
  [
    'a value in a list',
    (value, { pick }) => {
      const place = pick(placesIn(value));
      const found = place.reduce<Json | undefined>((each, name) => Object(each)[name], value);
      return textWith(replaced(value, place, RAW), `[${JSON.stringify(found)}]`);
    },
  ],
  ['only an odd value', (_value, { pick }) => pick(ODD_VALUES)],
  ['cut short', (value, { below }) => JSON.stringify(value).slice(0, below(JSON.stringify(value).length))],
  [
    'text behind it',
    (value, { pick }) => `${JSON.stringify(value)}${pick([',', '}', ' x', '\0', '//', '{}', ' \n\t '])}`,
  ],
  ['text before it', (value, { pick }) => `${pick(['\ufeff', '\0', ' ', '//\n', ")]}',\n"])}${JSON.stringify(value)}`],
  ['nothing', () => ''],
];

/** Returns the text of an object in which a member has this text as its value. */
export function jsonWith(value: object, name: string, raw: string): string {
  return textWith({ ...value, [name]: RAW }, raw);
}

/** Returns the text of a mutated JSON value, with the name of the mutation. */
export function mutatedJson(
  value: Json,
  choices: Choices,
  names: readonly string[] = [],
): readonly [name: string, text: string] {
  const [name, mutate] = choices.pick(JSON_MUTATIONS);
  return [name, mutate(value, choices, names)];
}
