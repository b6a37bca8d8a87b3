import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { formField, pageParams, queryObject } from '../../shared/base/url-params.ts';

const query = (text: string) => new URLSearchParams(text);

describe('query parameters', () => {
  test('query parameters become an object, without the API version', () => {
    expect(queryObject(query('a=1&b=&__clerk_api_version=x'))).toEqual({ a: '1', b: '' });
  });

  test('query parameters that may be repeated become lists, others are refused', () => {
    expect(queryObject(query('a=1&b=2&a=3'), ['a'])).toEqual({ a: ['1', '3'], b: '2' });
    expect(() => queryObject(query('a=1&b=2&b=2'), ['a'])).toThrow('form_param_duplicate');
  });

  test('query parameters without a page mean the first ten', () => {
    expect(v.parse(v.object(pageParams), {})).toEqual({ limit: 10, offset: 0 });
  });

  test.each(['0', '501', '-1', '1.5', '1e2', ' 1', '+1', '0x10', '', '9999999999'])(
    'a limit of %j is refused',
    (limit) => {
      expect(v.safeParse(v.object(pageParams), { limit }).success).toBe(false);
    },
  );

  test.each(['1', '500', '007'])('a limit of %j is accepted', (limit) => {
    expect(v.parse(v.object(pageParams), { limit })).toEqual({ limit: Number(limit), offset: 0 });
  });
});

describe('a form field', () => {
  test.each([
    ['a=1', '1'],
    ['a=', undefined],
    ['b=1', undefined],
    ['A=1', undefined],
    ['', undefined],
  ])('a form field in %j is %j', (text, expected) => {
    expect(formField(query(text), 'a')).toBe(expected);
  });

  test('a form field that comes twice is refused', () => {
    expect(() => formField(query('a=1&a=1'), 'a')).toThrow('form_param_duplicate');
  });
});
