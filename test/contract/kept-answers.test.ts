import { request } from 'node:http';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, inject, test } from 'vitest';
import { routes } from '../../functions/routes.ts';
import { call, startApi, testInstance } from '../support/http.ts';
import { send } from '../support/http-browser.ts';

const openapi = '/v1/openapi.json';
const kept = routes.filter(({ answers }) => 304 in answers).map(({ path }) => path);

async function entityTagOf(path: string, headers = {}): Promise<string> {
  const { headers: answered } = await call({ path, headers });
  return answered.etag ?? '';
}

test('what is the same for everyone may be kept: the keys, discovery, the script and the API document', () => {
  const expected = [
    '/.well-known/jwks.json',
    '/.well-known/openid-configuration',
    '/v1/impersonation-banner.js',
    openapi,
  ];

  expect(kept.toSorted()).toEqual(expected);
});

describe('an answer that may be kept', () => {
  test.each(kept)('has a strong entity tag, the same as long as its content is: %s', async (path) => {
    const [first, second] = [await entityTagOf(path), await entityTagOf(path)];

    expect(first).toMatch(/^"[\w-]{43}"$/);
    expect(second).toBe(first);
  });

  test.each(kept)('is not sent again to whoever has it, by GET and by HEAD: %s', async (path) => {
    const { headers } = await call({ path });
    const named = { 'if-none-match': headers.etag ?? '' };

    const answers = [
      await call({ path, headers: named }),
      await call({ method: 'HEAD', path, headers: named }),
      await call({ path, headers: { 'if-none-match': `"other", W/${headers.etag} , "another"` } }),
      await call({ path, headers: { 'if-none-match': '*' } }),
    ];

    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 304, text: '', cookies: [] });
      expect(answer.headers).not.toHaveProperty('content-type');
      // RFC 9110 section 15.4.5: the headers that a cache updates.
      for (const name of ['etag', 'cache-control', 'vary', 'access-control-allow-origin'])
        expect(answer.headers[name]).toBe(headers[name]);
    }
  });

  test.each(kept)('is sent to whoever has another: %s', async (path) => {
    const tag = await entityTagOf(path);
    const others = ['"x"', tag.replaceAll('"', ''), tag.replace(/^"./, '"'), '"*"', ''];

    const answers = await Promise.all(others.map((each) => call({ path, headers: { 'if-none-match': each } })));

    expect(answers.map(({ status }) => status)).toEqual(others.map(() => 200));
  });

  test('has another entity tag when its content is another', async () => {
    const other = startApi({ ...testInstance(), frontendApiUrl: 'https://other.example', inactivityInSeconds: 61 });

    for (const path of ['/.well-known/openid-configuration', '/v1/impersonation-banner.js']) {
      const answer = await other.call({ path, headers: { 'if-none-match': await entityTagOf(path) } });
      expect(answer.status).toBe(200);
      expect(answer.headers.etag).not.toBe(await entityTagOf(path));
    }
  });
});

test.each(['/v1/health', '/v1/tickets/accept', '/nothing'])('nothing else may be kept: %s', async (path) => {
  const { headers } = await call({ path, headers: { 'if-none-match': '*' } });

  expect(headers).toMatchObject({ 'cache-control': 'no-store' });
  expect(headers).not.toHaveProperty('etag');
});

describe('the API document is compressed for whoever accepts Brotli', () => {
  const get = (acceptEncoding?: string) =>
    call({ path: openapi, headers: acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding } });

  test.each(['br', 'gzip, deflate, br', 'BR', 'gzip;q=1.0,br;q=0.5', 'br;q=1', 'br ; q=0.001, gzip', 'br;q=1.000'])(
    'compressed for "%s"',
    async (accepted) => {
      const [plain, answer] = [await get(), await get(accepted)];

      expect(answer.headers).toMatchObject({ 'content-encoding': 'br', 'content-type': 'application/json' });
      expect(answer.json).toEqual(plain.json);
    },
  );

  test.each([undefined, '', 'identity', 'gzip', 'br;q=0', 'br;q=0.000, gzip', 'brotli', 'x-br', '*;q=0.1'])(
    'plain for "%s"',
    async (accepted) => {
      const answer = await get(accepted);

      expect(answer.headers).not.toHaveProperty('content-encoding');
      expect(answer.json.openapi).toBe('3.1.1');
    },
  );

  test('a cache learns what the answer depends on, and the two have entity tags of their own', async () => {
    const [plain, compressed] = [await get(), await get('br')];

    expect([plain, compressed].map(({ headers }) => headers.vary)).toEqual(['Accept-Encoding', 'Accept-Encoding']);
    expect(plain.headers.etag).not.toBe(compressed.headers.etag);
    const crossed = await call({
      path: openapi,
      headers: { 'accept-encoding': 'br', 'if-none-match': plain.headers.etag ?? '' },
    });
    expect(crossed.status).toBe(200);
  });

  test('the deployed function sends the bytes of the compressed document', async () => {
    const { length, bytes } = await new Promise<{ length: number; bytes: Buffer }>((resolve, reject) => {
      const sent = request(
        inject('stack').baseUrl + openapi,
        { headers: { 'accept-encoding': 'br' } },
        async (response) => {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk);
          resolve({ length: Number(response.headers['content-length']), bytes: Buffer.concat(chunks) });
        },
      );
      sent.once('error', reject).end();
    });
    const plain = await send('GET', openapi, { headers: { 'accept-encoding': 'identity' } });

    expect(bytes.length).toBe(length);
    expect(bytes.length * 4).toBeLessThan(plain.text.length);
    expect(brotliDecompressSync(bytes).toString()).toBe(plain.text);
  });
});
