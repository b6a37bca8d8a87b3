import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { ApiError } from '../../shared/base/errors.ts';
import { integerBetween, jsonObject, parseNoParams, parseParams, printableString } from '../../shared/base/params.ts';

function faultsOf(schema: Parameters<typeof parseParams>[0], input: unknown): readonly string[] {
  try {
    parseParams(schema, input);
    return [];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.items.map(({ code, meta }) => `${code} ${meta?.param_name}`);
  }
}

function faultOf(member: v.GenericSchema, value: unknown): string {
  const faults = faultsOf(v.strictObject({ x: member }), { x: value });
  return faults.map((fault) => fault.replace(/ x$/, '')).join(', ') || 'fine';
}

describe('an integer between two bounds', () => {
  const schema = integerBetween({ min: 10, max: 20 });

  test.each([
    [9, 'form_param_value_invalid'],
    [10, 'fine'],
    [20, 'fine'],
    [21, 'form_param_value_too_large'],
    [10.5, 'form_param_value_invalid'],
    [0.5, 'form_param_value_invalid'],
    [Number.NaN, 'form_param_value_invalid'],
    [Number.NEGATIVE_INFINITY, 'form_param_value_invalid'],
    ['15', 'form_param_value_invalid'],
    [true, 'form_param_value_invalid'],
    [null, 'form_param_value_invalid'],
    [[15], 'form_param_value_invalid'],
    [new Number(15), 'form_param_value_invalid'],
  ])('an integer between two bounds: %j is %s', (value, expected) => {
    expect(faultOf(schema, value)).toBe(expected);
  });

  test('the bounds of an integer are named in its error', () => {
    const act = () => parseParams(v.strictObject({ x: schema }), { x: 'y' });

    expect(act).toThrow(
      expect.objectContaining({
        items: [expect.objectContaining({ sentence: 'x must be an integer from 10 to 20.' })],
      }),
    );
  });
});

describe('a printable string', () => {
  const schema = printableString({ max: 3 });

  test.each([
    ['', 'form_param_value_invalid'],
    ['a', 'fine'],
    ['abc', 'fine'],
    ['abcd', 'form_param_value_invalid'],
    [' ', 'form_param_value_invalid'],
    ['a b', 'fine'],
    ['é名', 'fine'],
    ['a\n', 'form_param_value_invalid'],
    ['a\u0000', 'form_param_value_invalid'],
    ['a\u007f', 'form_param_value_invalid'],
    ['a\u0085', 'form_param_value_invalid'],
    ['a\ud800', 'form_param_value_invalid'],
    ['🐢', 'fine'],
    [7, 'form_param_value_invalid'],
    [null, 'form_param_value_invalid'],
    [['a'], 'form_param_value_invalid'],
  ])('a printable string: %j is %s', (value, expected) => {
    expect(faultOf(schema, value)).toBe(expected);
  });
});

describe('a JSON object of bounded size', () => {
  const schema = jsonObject({ maxBytes: 40 });

  test.each([
    [{}, 'fine'],
    [{ a: 'x'.repeat(32) }, 'fine'],
    [{ a: 'x'.repeat(33) }, 'form_param_exceeds_allowed_size'],
    [{ a: 'é'.repeat(16) }, 'fine'],
    [{ a: 'é'.repeat(17) }, 'form_param_exceeds_allowed_size'],
    [[], 'form_param_value_invalid'],
    [null, 'form_param_value_invalid'],
    ['{}', 'form_param_value_invalid'],
    [{ a: Number.POSITIVE_INFINITY }, 'form_param_value_invalid'],
    [{ a: [{ b: 2 ** 53 }] }, 'form_param_value_invalid'],
    [{ a: 2 ** 53 - 1 }, 'fine'],
    [{ a: '\ud800' }, 'form_param_value_invalid'],
    [{ '\udc00': 1 }, 'form_param_value_invalid'],
    [{ a: '\u0000' }, 'form_param_value_invalid'],
    [{ '\u0000': 1 }, 'form_param_value_invalid'],
  ])('a JSON object of bounded size: %j is %s', (value, expected) => {
    expect(faultOf(schema, value)).toBe(expected);
  });

  test('a JSON object is passed on as the same object', () => {
    const given = JSON.parse('{"__proto__":{"a":1},"2":1,"1":2}');

    expect(parseParams(v.strictObject({ x: schema }), { x: given }).x).toBe(given);
  });
});

describe('an object of parameters', () => {
  const schema = v.strictObject({
    a: integerBetween({ min: 1, max: 2 }),
    b: v.optional(v.strictObject({ c: v.string() })),
  });

  test.each([
    [{ a: 1 }, []],
    [{}, ['form_param_missing a']],
    [{ a: undefined }, ['form_param_value_invalid a']],
    [{ a: 0, b: {} }, ['form_param_value_invalid a', 'form_param_missing b.c']],
    [
      { a: 3, b: { c: 1 }, e: 3 },
      ['form_param_value_too_large a', 'form_param_value_invalid b.c', 'form_param_unknown e'],
    ],
    [
      JSON.parse('{"a":1,"__proto__":1,"constructor":2}'),
      ['form_param_unknown __proto__', 'form_param_unknown constructor'],
    ],
  ])('an object of parameters %j has the faults %j', (input, expected) => {
    expect(faultsOf(schema, input)).toEqual(expected);
  });

  test('names of faulty parameters are kept short', () => {
    const [fault] = faultsOf(v.strictObject({}), { ['k'.repeat(1000)]: 1 });

    expect(fault).toBe(`form_param_unknown ${'k'.repeat(100)}`);
  });
});

test('an absent object has no parameters', () => {
  expect(() => parseNoParams({})).not.toThrow();
  expect(() => parseNoParams({ a: 1 })).toThrow('form_param_unknown');
});
