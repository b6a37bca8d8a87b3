// The parts of HTTP at their boundaries: bodies, redirects, origins, overriding methods and answers that may be kept.
import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { limits } from '../../shared/base/limits.ts';
import { formBody, jsonBody, jsonObjectFrom } from '../../shared/http/body.ts';
import { keptAnswer } from '../../shared/http/kept-answer.ts';
import { methodNamedBy } from '../../shared/http/method-override.ts';
import { checkedOrigin, checkOwnPage, corsHeaders } from '../../shared/http/origin.ts';
import { checkOriginSecret, sourceIpOf } from '../../shared/http/origin-secret.ts';
import { allowedRedirect } from '../../shared/http/redirect.ts';
import { httpRequest } from '../../shared/http/request.ts';
import { anInstance } from '../support/an-instance.ts';

const app = 'https://app.example.com';
const instance = anInstance({ ALLOWED_ORIGINS: app });
const headers = (values: Readonly<Record<string, string>>) => (name: string) => values[name];

describe('a JSON body', () => {
  const header = headers({ 'content-type': 'application/json' });
  const bodyOf = (bytes: number) => Buffer.from(`{"a":"${'a'.repeat(bytes - '{"a":""}'.length)}"}`);

  test('has up to 65,536 bytes', () => {
    expect(jsonBody({ header, body: bodyOf(limits.bodyBytes) })).toHaveProperty('a');
    expect(() => jsonBody({ header, body: bodyOf(limits.bodyBytes + 1) })).toThrow('request_body_too_large');
  });

  test.each([
    ['{}', 'unsupported_content_type'],
    [' ', 'unsupported_content_type'],
    ['', undefined],
  ])('%j without a type is refused with %s', (text, code) => {
    const read = () => jsonBody({ header: headers({}), body: Buffer.from(text) });

    if (code) expect(read).toThrow(code);
    else expect(read()).toEqual({});
  });

  test('says whether its type is missing or another one', () => {
    const sentence = (contentType: string) => {
      try {
        return jsonBody({ header: headers({ 'content-type': contentType }), body: Buffer.from('{}') });
      } catch (error) {
        return (error as { items: readonly [{ sentence: string }] }).items[0].sentence;
      }
    };

    expect(sentence('')).toBe('Content-Type is missing. Use application/json instead.');
    expect(sentence('text/plain')).toBe('Content-Type is unsupported. Use application/json instead.');
  });

  test('nests up to 32 levels of objects and lists', () => {
    const objects = (depth: number) => `${'{"a":'.repeat(depth)}null${'}'.repeat(depth)}`;
    const lists = (depth: number) => `{"a":${'['.repeat(depth - 1)}1${']'.repeat(depth - 1)}}`;

    for (const text of [objects(limits.bodyDepth), lists(limits.bodyDepth)])
      expect(jsonObjectFrom(text, 'It')).toHaveProperty('a');
    for (const text of [objects(limits.bodyDepth + 1), lists(limits.bodyDepth + 1)])
      expect(() => jsonObjectFrom(text, 'It')).toThrow('request_body_invalid');
  });
});

test('a form has up to 50 fields', () => {
  const header = headers({ 'content-type': 'application/x-www-form-urlencoded' });
  const formOf = (fields: number) =>
    formBody({ header, body: Buffer.from(Array.from({ length: fields }, (_, at) => `f${at}=1`).join('&')) });

  expect(formOf(limits.formFields).size).toBe(limits.formFields);
  expect(() => formOf(limits.formFields + 1)).toThrow('request_body_invalid');
});

test.each([
  ['_method=PUT', 'PUT'],
  ['_method=patch', 'PATCH'],
  ['_method=DELETE', 'DELETE'],
  ['_method=GET', undefined],
  ['_method=', undefined],
  ['', undefined],
])('the query "%s" overrides POST with %s', (query, expected) => {
  expect(methodNamedBy(query)).toBe(expected);
});

describe('a redirect', () => {
  const redirect = (...urls: readonly string[]) =>
    allowedRedirect(new URLSearchParams(urls.map((url) => ['redirect_url', url] as [string, string])), instance, 100)
      ?.href;
  const urlOf = (length: number, end = '') => app + '/a'.padEnd(length - app.length - end.length, 'a') + end;

  test('has up to the limit of characters, as it was sent and as the URL parser reads it', () => {
    expect(redirect(urlOf(100))).toBe(urlOf(100));
    expect(redirect(urlOf(101))).toBeUndefined();
    // The parser encodes the quotation mark with three characters.
    expect(redirect(urlOf(98, '"'))).toBe(urlOf(100, '%22'));
    expect(redirect(urlOf(99, '"'))).toBeUndefined();
  });

  test.each([
    [[`${app}/a`], true],
    [[`${app}/a`, `${app}/a`], false],
    [[], false],
    [['/a'], false],
    [['https:'], false],
    [['javascript:alert(1)'], false],
    [['https://app.example.com.evil.test/'], false],
    [['https://user@app.example.com/'], false],
    [['https://:secret@app.example.com/'], false],
    [['https://app.example.com\\@evil.test/'], false],
  ])('to %j is allowed: %s', (urls, expected) => {
    expect(redirect(...urls) !== undefined).toBe(expected);
  });
});

describe('an origin', () => {
  const origin = (values: Readonly<Record<string, string>>, method = 'POST') =>
    checkedOrigin({ method, header: headers(values), instance });

  test('is returned when it is allowed, and refused otherwise', () => {
    expect(origin({ origin: app })).toBe(app);
    expect(() => origin({ origin: `${app}.evil.test` })).toThrow('origin_invalid');
    expect(() => origin({ origin: `${app},${app}` })).toThrow('multiple_origin_header_values_forbidden');
    expect(() => origin({ origin: app, authorization: 'a' })).toThrow('origin_authorization_headers_conflict');
  });

  test('may be missing, but not in a change that another site causes', () => {
    expect(origin({})).toBeUndefined();
    expect(origin({ 'sec-fetch-site': 'same-site' })).toBeUndefined();
    expect(origin({ 'sec-fetch-site': 'cross-site' }, 'GET')).toBeUndefined();
    expect(() => origin({ 'sec-fetch-site': 'cross-site' })).toThrow('origin_invalid');
  });

  test.each([
    [{ origin: 'https://clerk.example.com' }, true],
    [{ origin: 'https://clerk.example.com', 'sec-fetch-site': 'same-origin' }, true],
    [{ origin: 'https://clerk.example.com', 'sec-fetch-site': 'same-site' }, false],
    [{ origin: 'https://clerk.example.com', 'sec-fetch-site': 'cross-site' }, false],
    [{ origin: app }, false],
    [{}, false],
  ])('of a page with the headers %o is our own: %s', (values, expected) => {
    const own = () => checkOwnPage({ header: headers(values), instance });

    if (expected) expect(own()).toBe('https://clerk.example.com');
    else expect(own).toThrow('not_allowed_access');
  });

  test('gets the headers of CORS only when it is allowed', () => {
    expect(corsHeaders(app, instance)).toMatchObject({ 'access-control-allow-origin': app });
    for (const each of [undefined, 'https://evil.test'])
      expect(corsHeaders(each, instance)).toEqual({ vary: 'Origin' });
  });
});

describe('an event', () => {
  const anEvent = (values: Readonly<Record<string, string>>) =>
    ({
      headers: values,
      rawQueryString: '',
      requestContext: { http: { method: 'GET', sourceIp: '192.0.2.1' } },
    }) as unknown as APIGatewayProxyEventV2;
  const hash = (secret: string) => createHash('sha256').update(secret).digest('hex');

  test.each([
    [[], {}, true],
    [['one'], {}, false],
    [['one'], { 'x-origin-secret': 'one' }, true],
    [['one'], { 'x-origin-secret': 'two' }, false],
    [['one', 'two'], { 'x-origin-secret': 'two' }, true],
  ])('where CloudFront has the secrets %j, with the headers %o, is accepted: %s', (secrets, values, expected) => {
    const behind = anInstance({ ORIGIN_SECRET_HASHES: secrets.map(hash).join(',') });
    const check = () => checkOriginSecret(anEvent(values as Readonly<Record<string, string>>), behind);

    if (expected) expect(check).not.toThrow();
    else expect(check).toThrow('authorization_invalid');
  });

  test('has the address that CloudFront names, and of nobody else', () => {
    const behind = anInstance({ ORIGIN_SECRET_HASHES: hash('one') });
    const named = { 'x-viewer-address': '198.51.100.7' };

    expect(sourceIpOf(anEvent({ ...named, 'x-origin-secret': 'one' }), behind)).toBe('198.51.100.7');
    expect(sourceIpOf(anEvent({ 'x-origin-secret': 'one' }), behind)).toBe('192.0.2.1');
    expect(sourceIpOf(anEvent({ ...named, 'x-origin-secret': 'two' }), behind)).toBe('192.0.2.1');
    expect(sourceIpOf(anEvent(named), instance)).toBe('192.0.2.1');
  });

  test('has up to 512 characters of the user agent', () => {
    const userAgentOf = (length: number) =>
      httpRequest(anEvent({ 'user-agent': 'a'.repeat(length) }), instance).caller.userAgent?.length;

    expect([511, 512, 513].map(userAgentOf)).toEqual([511, 512, 512]);
  });
});

describe('an answer that may be kept', () => {
  const answer = (maxAgeInSeconds?: number, values = {}) =>
    keptAnswer(
      { content: 'a', type: 'text/plain', ...(maxAgeInSeconds && { maxAgeInSeconds }) },
      { header: headers(values) },
    );

  test('is kept for five minutes, or as long as it says', () => {
    expect(answer().headers).toMatchObject({ 'cache-control': 'public, max-age=300' });
    expect(answer(60).headers).toMatchObject({ 'cache-control': 'public, max-age=60' });
  });

  test('is not sent again to a browser that names it', () => {
    const { etag = '' } = answer().headers ?? {};

    for (const named of [etag, `W/${etag}`, `"b", ${etag}`, '*'])
      expect(answer(undefined, { 'if-none-match': named })).toMatchObject({ status: 304 });
    expect(answer(undefined, { 'if-none-match': '"b"' })).toMatchObject({ text: 'a' });
  });
});
