import { gzipSync } from 'node:zlib';
import { describe, expect, inject, test } from 'vitest';
import { aPendingActorToken, aSignedInBrowser, aUser } from '../support/given.ts';
import { call, callBackend } from '../support/http.ts';
import { outcome, refusal, summary } from '../support/refusal.ts';

const authorization = `Bearer ${inject('stack').secretKey}`;
const LIMIT = 65_536;

async function postJson(
  body: string | Buffer,
  headers: Record<string, string> = { 'content-type': 'application/json' },
) {
  return call({ method: 'POST', path: '/v1/actor_tokens', headers: { authorization, ...headers }, body });
}

async function aBody(): Promise<string> {
  return JSON.stringify({ user_id: await aUser(), actor: { sub: 'support_1' } });
}

describe('the body of a Backend API request', () => {
  test.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json ;charset=UTF-8',
    'application/json;charset=utf8',
    'application/json; charset="utf-8"',
    'application/json; profile="x"; charset=US-ASCII',
  ])('a Backend API body has the content type %s', async (type) => {
    const answer = await postJson(await aBody(), { 'content-type': type });

    expect(answer.status).toBe(200);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonx',
    'application/problem+json',
    'application',
    '',
    ', application/json',
  ])('a Backend API body of the content type "%s" is refused', async (type) => {
    const answer = await postJson(await aBody(), { 'content-type': type });

    expect(outcome(answer)).toEqual(refusal(415, 'unsupported_content_type'));
  });

  test.each(['UTF-16', 'utf-16le', 'ISO-8859-1', 'windows-1252', '"utf-16"', 'utf-8; charset=utf-16', ''])(
    'a Backend API body in the charset "%s" is refused, not misread',
    async (charset) => {
      const answer = await postJson(await aBody(), { 'content-type': `application/json;charset=${charset}` });

      expect(outcome(answer)).toEqual(refusal(415, 'unsupported_content_type'));
    },
  );

  test.each(['gzip', 'br', 'deflate', 'GZIP', 'gzip, identity', 'x-unknown'])(
    'a Backend API body with the content coding "%s" is refused, not misread',
    async (coding) => {
      const headers = { 'content-type': 'application/json', 'content-encoding': coding };

      const answers = [await postJson(gzipSync(await aBody()), headers), await postJson(await aBody(), headers)];

      expect(answers.map(outcome)).toEqual(Array(2).fill(refusal(415, 'unsupported_content_type')));
    },
  );

  test('a Backend API body may say that it has no content coding', async () => {
    const answer = await postJson(await aBody(), {
      'content-type': 'application/json',
      'content-encoding': 'identity',
    });

    expect(answer.status).toBe(200);
  });

  test('null is no body where an operation has parameters, even if it needs none of them', async () => {
    const paths = ['/v1/users', '/v1/actor_tokens', `/v1/sessions/sess_${'0'.repeat(27)}/tokens`];

    const answers = await Promise.all(paths.map((path) => callBackend('POST', path, 'null')));

    expect(answers.map(outcome)).toEqual(Array(3).fill(refusal(400, 'request_body_invalid')));
  });

  test('a Backend API body without a content type is refused', async () => {
    const answer = await postJson(await aBody(), {});

    expect(outcome(answer)).toEqual(refusal(415, 'unsupported_content_type'));
  });

  test.each([
    ['cut short', '{"user_id":"x","actor":{"sub":"a"}'],
    ['a form', 'user_id=x&actor=y'],
    ['two objects', '{}{}'],
    ['white space', ' '],
    ['single quotes', "{'user_id':1}"],
    ['a comma too many', '{"user_id":"x",}'],
    ['a comment', '{"user_id":"x"}//'],
    ['NaN', '{"user_id":NaN}'],
    ['a raw line feed in a string', '{"user_id":"a\nb"}'],
    ['a byte order mark', '\ufeff{}'],
    ['a NUL behind it', '{}\u0000'],
    ['an array', '[]'],
    ['an array of the object', '[{"user_id":"x"}]'],
    ['a string', '"x"'],
    ['a number', '1'],
    ['true', 'true'],
    ['false', 'false'],
  ])('a Backend API body is a JSON object, and not %s', async (_, body) => {
    const answer = await postJson(body);

    expect(outcome(answer)).toEqual(refusal(400, 'request_body_invalid'));
  });

  test.each([
    ['a lone continuation byte', [0x80]],
    ['a byte that never occurs', [0xff]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a character cut short', [0xe2, 0x82]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80]],
  ])('a Backend API body is UTF-8, without %s', async (_, bytes) => {
    const body = Buffer.concat([Buffer.from('{"user_id":"'), Buffer.from(bytes), Buffer.from('"}')]);

    const answer = await call({
      method: 'POST',
      path: '/v1/actor_tokens',
      headers: { authorization, 'content-type': 'application/json' },
      body,
    });

    expect(outcome(answer)).toEqual(refusal(400, 'request_body_invalid'));
  });

  test.each([
    [LIMIT - 1, '422 form_param_value_invalid user_id'],
    [LIMIT, '422 form_param_value_invalid user_id'],
    [LIMIT + 1, '413 request_body_too_large'],
    [LIMIT * 8, '413 request_body_too_large'],
  ])('a Backend API body of %i bytes is answered with %s', async (bytes, expected) => {
    const rest = '{"user_id":"","actor":{"sub":"a"}}';
    const body = rest.replace('""', `"${'x'.repeat(bytes - rest.length)}"`);

    const answer = await postJson(body);

    expect(summary(answer)).toBe(expected);
  });

  test('the size of a body is counted in bytes, not in characters', async () => {
    const answer = await postJson(`{"user_id":"${'é'.repeat(LIMIT / 2)}"}`);

    expect(outcome(answer)).toEqual(refusal(413, 'request_body_too_large'));
  });

  test.each([
    [30, '200'],
    [31, '400 request_body_invalid'],
    [10_000, '400 request_body_invalid'],
  ])('a body with %i nested lists in an actor is answered with %s', async (depth, expected) => {
    const userId = await aUser();
    const list = `${'['.repeat(depth)}${']'.repeat(depth)}`;

    const answer = await postJson(`{"user_id":"${userId}","actor":{"sub":"a","x":${list}}}`);

    expect(summary(answer)).toBe(expected);
  });

  test('a body may hold any number of brackets in strings', async () => {
    const userId = await aUser();

    const answer = await postJson(`{"user_id":"${userId}","actor":{"sub":"a","x":"${'[{\\"\\\\'.repeat(50)}"}}`);

    expect(answer.status).toBe(200);
  });

  test.each([
    ['quotes that never close', `"${'\\"'.repeat(32_000)}`],
    ['quotes that never close, before a lone backslash', `"${'\\"'.repeat(32_000)}\\`],
    ['quotes that open and close', '""'.repeat(32_000)],
    ['backslashes', `"${'\\'.repeat(65_000)}`],
    ['one long string', `"${'a'.repeat(65_000)}`],
    ['brackets that never close', '['.repeat(65_000)],
    ['brackets and quotes', '["'.repeat(32_000)],
  ])('a body of 64 KB of %s is refused in less than a second of CPU time', async (_, body) => {
    const before = process.cpuUsage();

    const answer = await postJson(body);

    expect(outcome(answer)).toEqual(refusal(400, 'request_body_invalid'));
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
  });

  test('__proto__ in a body is a member like any other', async () => {
    const answer = await postJson('{"__proto__":{"user_id":"user_x","actor":{"sub":"a"},"polluted":1}}');

    expect(outcome(answer)).toEqual(
      refusal(
        422,
        ['form_param_missing', 'user_id'],
        ['form_param_missing', 'actor'],
        ['form_param_unknown', '__proto__'],
      ),
    );
    expect({}).not.toHaveProperty('polluted');
  });

  test('of a member that a body holds twice the last one counts', async () => {
    const userId = await aUser();

    const answer = await postJson(`{"user_id":"nobody","user_id":"${userId}","actor":{"sub":"a"}}`);

    expect(answer.json).toMatchObject({ user_id: userId });
  });

  test('a refusal names an unknown member by at most 100 characters', async () => {
    const answer = await postJson(JSON.stringify({ user_id: 'x', actor: { sub: 'a' }, ['k'.repeat(5000)]: 1 }));

    expect(answer.json.errors[0].meta.param_name).toBe('k'.repeat(100));
  });
});

describe('the form of a Frontend API request', () => {
  const form = 'application/x-www-form-urlencoded';
  const post = (body: string | Buffer, type = form) =>
    call({ method: 'POST', path: '/v1/client/sign_ins', headers: { 'content-type': type }, body });

  test.each([
    ['a percent sign alone', 'strategy=ticket&ticket=%'],
    ['half an escape', 'strategy=ticket&ticket=%4'],
    ['an escape that is none', 'strategy=ticket&ticket=%zz'],
    ['escaped bytes that are not UTF-8', 'strategy=ticket&ticket=%ff'],
    ['an escaped overlong slash', 'strategy=ticket&ticket=%c0%af'],
    ['a malformed name', '%zz=1&strategy=ticket&ticket=x'],
  ])('a form is well-formed, without %s', async (_, body) => {
    const answer = await post(body);

    expect(outcome(answer)).toEqual(refusal(400, 'request_body_invalid'));
  });

  test.each([
    ['the charset ISO-8859-1', { 'content-type': `${form}; charset=ISO-8859-1` }],
    ['compression', { 'content-type': form, 'content-encoding': 'gzip' }],
  ])('a form with %s is refused, and redeems nothing', async (_, headers) => {
    const { ticket } = await aPendingActorToken();
    const body = `strategy=ticket&ticket=${ticket}`;

    const answer = await call({ method: 'POST', path: '/v1/client/sign_ins', headers, body });

    expect(outcome(answer)).toEqual(refusal(415, 'unsupported_content_type'));
    expect((await post(body, `${form};charset=UTF-8`)).status).toBe(200);
  });

  test('a form is UTF-8', async () => {
    const answer = await post(Buffer.from([...Buffer.from('strategy=ticket&ticket='), 0xff]));

    expect(outcome(answer)).toEqual(refusal(400, 'request_body_invalid'));
  });

  test.each([
    [50, '400 ticket_invalid_code'],
    [51, '400 request_body_invalid'],
  ])('a form of %i fields is answered with %s', async (count, expected) => {
    const more = Array.from({ length: count - 2 }, (_, index) => `&f${index}=1`).join('');

    const answer = await post(`strategy=ticket&ticket=x${more}`);

    expect(summary(answer)).toBe(expected);
  });

  test.each([
    [LIMIT, '400 ticket_invalid_code'],
    [LIMIT + 1, '413 request_body_too_large'],
  ])('a form of %i bytes is answered with %s', async (bytes, expected) => {
    const start = 'strategy=ticket&ticket=';

    const answer = await post(`${start}${'x'.repeat(bytes - start.length)}`);

    expect(summary(answer)).toBe(expected);
  });

  test('a form may be written with plus signs, escapes and empty parts', async () => {
    const { ticket } = await aPendingActorToken();

    const answer = await post(
      `&&%73trategy=%74icket&note=a+b%20%F0%9F%90%A2&=&ticket=${ticket.replaceAll('.', '%2E')}&`,
    );

    expect(answer.status).toBe(200);
  });

  test('a form may be empty where no field is required, whatever the content type', async () => {
    const { browser, sessionId } = await aSignedInBrowser();

    const answers = await Promise.all(
      [{}, { 'content-type': form }, { 'content-type': 'text/plain' }].map((headers) =>
        call({ method: 'POST', path: `/v1/client/sessions/${sessionId}/tokens`, headers, cookies: browser.cookies }),
      ),
    );

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});
