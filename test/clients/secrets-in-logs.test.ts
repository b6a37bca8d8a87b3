// The search that ends a test run: it finds every kind of secret, wherever in a line it is, and nothing else.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { HttpBrowser, send } from '../support/http-browser.ts';
import { checkLogsForSecrets, handlersLogOf, rememberSecrets } from '../support/secrets.ts';

const { secretKey, allowedOrigin } = inject('stack');
const authorization = `Bearer ${secretKey}`;

let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'actor-tokens-secrets-'));
});

afterEach(() => rm(dir, { recursive: true }));

async function backend(path: string, body: object) {
  const headers = { authorization, 'content-type': 'application/json' };
  const { json } = await send('POST', path, { headers, body: JSON.stringify(body) });
  return json;
}

/** One of each kind, as the API hands them out: the parts of the answer they are in, and what of them must be found. */
async function handedOut(): Promise<Readonly<Record<string, { answer: string; secret: string }>>> {
  const user = await backend('/v1/users', {});
  const { token } = await backend('/v1/actor_tokens', { user_id: user.id, actor: { sub: 'support' } });
  const browser = new HttpBrowser();
  const { text, json } = await browser.redeem(token);
  const cookie = browser.cookies.get('__client') ?? '';
  const path = `/v1/client/handshake?redirect_url=${allowedOrigin}`;
  const handshake = (await send('GET', path, { headers: { cookie: browser.cookieHeader } })).headers.getSetCookie();
  const jwt = /__clerk_handshake=([^;]+)/.exec(handshake.join('\n'))?.[1] ?? '';
  return {
    ticket: { answer: JSON.stringify({ token }), secret: token },
    'session token': { answer: text, secret: json.client.sessions[0].last_active_token.jwt },
    handshake: { answer: handshake.join('\n'), secret: jwt },
    'client cookie': { answer: `__client=${cookie}; Path=/`, secret: cookie.split('.')[1] ?? '' },
    'secret key': { answer: JSON.stringify({ secret: secretKey }), secret: secretKey },
  };
}

const search = async (line: string): Promise<unknown> => {
  await writeFile(handlersLogOf(dir), `{"level":"info"}\n${line}\n`);
  return checkLogsForSecrets(dir, []).catch((error: unknown) => error);
};

test.each(['ticket', 'session token', 'handshake', 'client cookie', 'secret key'])(
  'a %s in a log is found, and named by its kind alone',
  async (kind) => {
    const { answer = '', secret = '' } = (await handedOut())[kind] ?? {};
    rememberSecrets(dir, [answer]);
    const parts = secret.split('.').slice(kind.endsWith('key') || kind.endsWith('cookie') ? 0 : 1);

    expect(await search('{"message":"request"}')).toBeUndefined();
    for (const spelled of [secret, ...parts, `x${parts.at(-1)}`, secret.slice(0, -8)])
      expect(await search(JSON.stringify({ route: `/a?b=${spelled}` }))).toEqual(
        new Error(`The logs of this run hold secrets that it handed out: a ${kind} in 1 line.`),
      );
  },
);

test('what a handshake carries to the page is found by itself', async () => {
  const { handshake } = await handedOut();
  rememberSecrets(dir, [handshake?.answer ?? '']);
  const payload = Buffer.from(handshake?.secret.split('.')[1] ?? '', 'base64url').toString();
  const sessionToken = /__session[^=]*=([^;]+)/.exec(payload)?.[1] ?? '';

  expect(await search(sessionToken)).toMatchObject({ message: expect.stringContaining('a session token in 1 line') });
});

test('ids, hashes and what was never handed out are not taken for secrets', async () => {
  for (const { answer } of Object.values(await handedOut())) rememberSecrets(dir, [answer]);
  const line = {
    instance: inject('stack').instanceId,
    trace_id: '0'.repeat(32),
    request_id: 'f47ac10b-58cc-4372-a567-0e02b2c3d479',
    session_id: `sess_${'1'.repeat(27)}`,
    text: `eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9 sk_live_${'2'.repeat(43)}`,
  };

  expect(await search(JSON.stringify(line))).toBeUndefined();
});
