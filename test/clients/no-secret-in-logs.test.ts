import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, inject, test, vi } from 'vitest';
import { type HttpAnswer, HttpBrowser, type HttpRequest, send } from '../support/http-browser.ts';
import { storedItem, storeItem } from '../support/stored.ts';

const { secretKey, allowedOrigin, logFile } = inject('stack');

const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded', origin: allowedOrigin };
const AUTHORIZED = { ...JSON_TYPE, authorization: `Bearer ${secretKey}` };

const traceIds = new Set<string>();

function remember({ headers, text }: HttpAnswer): void {
  traceIds.add(headers.get('clerk-trace-id') ?? expect.fail(`There is no trace id: ${text}`));
}

async function ask(method: string, path: string, request: HttpRequest = {}) {
  const answer = await send(method, path, request);
  remember(answer);
  return answer;
}

async function askBackend(method: string, path: string, body?: object) {
  const answer = await ask(method, path, { headers: AUTHORIZED, ...(body && { body: JSON.stringify(body) }) });
  expect(answer.status, answer.text).toBe(200);
  return answer.json;
}

/** Runs the whole story of a support case, and returns every secret that it issued. */
async function wholeStory() {
  const actor = { sub: 'user_support', note: `secret-note-${randomUUID()}` };
  const factor = { totp_secret: `secret-totp-${randomUUID()}`, backup_codes: [`secret-code-${randomUUID()}`] };
  const metadata = { private_metadata: { pin: `secret-pin-${randomUUID()}` } };
  const user = await askBackend('POST', '/v1/users', { ...factor, ...metadata });
  const actorToken = await askBackend('POST', '/v1/actor_tokens', { user_id: user.id, actor });
  const pending = await askBackend('POST', '/v1/actor_tokens', { user_id: user.id, actor });
  await askBackend('POST', `/v1/actor_tokens/${pending.id}/revoke`);

  const browser = new HttpBrowser();
  const signIn = await browser.redeem(actorToken.token);
  const sessionId: string = signIn.json.response.created_session_id;
  const cookie = browser.cookies.get('__Host-client') ?? expect.fail('There is no client cookie.');
  const token = await browser.post(`/v1/client/sessions/${sessionId}/tokens`);
  const touch = await browser.post(`/v1/client/sessions/${sessionId}/touch`);
  for (const answer of [signIn, token, touch]) remember(answer);
  const backendToken = await askBackend('POST', `/v1/sessions/${sessionId}/tokens`);

  return {
    actorToken,
    sessionId,
    cookie,
    tickets: [actorToken.token, pending.token] as string[],
    sessionTokens: [
      signIn.json.client.sessions[0].last_active_token.jwt,
      token.json.jwt,
      touch.json.response.last_active_token.jwt,
      backendToken.jwt,
    ] as string[],
    notes: [actor.note, metadata.private_metadata.pin, factor.totp_secret, ...factor.backup_codes],
  };
}

/** Every request in which a confused or hostile caller can put a secret in a wrong place. */
function misplaced(secret: string): readonly (readonly [method: string, path: string, request?: HttpRequest])[] {
  const encoded = encodeURIComponent(secret);
  const basic = Buffer.from(`${secret}:`).toString('base64');
  const authorized = { headers: AUTHORIZED };
  const form = (body: string, headers = {}) => ({ headers: { ...FORM_TYPE, ...headers }, body });
  const json = (body: string) => ({ headers: AUTHORIZED, body });
  const withHeaders = (headers: Readonly<Record<string, string>>) => ({ headers });

  return [
    ['GET', `/v1/tickets/accept?ticket=${encoded}`],
    ['GET', `/v1/client?ticket=${encoded}`],
    ['GET', `/v1/client/handshake?__session=${encoded}`],
    ['GET', `/v1/jwks?secret_key=${encoded}`],
    ['GET', `/v1/nothing/${encoded}?${encoded}`],
    ['GET', `/v1/sessions?${encoded}=1`, authorized],
    ['GET', `/v1/sessions?user_id=${encoded}&status=${encoded}`, authorized],
    ['GET', `/v1/sessions/${encoded}`, authorized],
    ['GET', `/v1/users?query=${encoded}`, authorized],
    ['GET', `/v1/users/${encoded}`, authorized],
    ['GET', `/v1/users/count?__clerk_api_version=${encoded}`, authorized],
    ['POST', `/v1/actor_tokens/${encoded}/revoke`, authorized],
    ['POST', `/v1/client/sign_ins?strategy=ticket&ticket=${encoded}`, form('')],
    ['POST', `/v1/client/sign_ins/${encoded}`, form('')],
    ['POST', `/v1/tickets/accept?ticket=${encoded}`, form(`ticket=${encoded}&redirect_url=${encoded}`)],
    ['POST', `/v1/client/sessions/${encoded}/tokens`, form('', { cookie: `__Host-client=${secret}` })],
    ['POST', `/v1/client/sessions?_method=${encoded}`, form('')],
    ['PUT', `/v1/client/${encoded}`, form('')],

    ['GET', '/v1/users/count', withHeaders({ authorization: secret })],
    ['GET', '/v1/users/count', withHeaders({ authorization: `Bearer ${secret}` })],
    ['GET', '/v1/users/count', withHeaders({ authorization: `Bearer ${secret} ${secret}` })],
    ['GET', '/v1/users/count', withHeaders({ authorization: `Basic ${basic}` })],
    ['GET', '/v1/users/count', withHeaders({ ...AUTHORIZED, 'clerk-api-version': secret })],
    ['GET', '/v1/client', withHeaders({ origin: `https://${secret}.example` })],
    ['GET', '/v1/client', withHeaders({ 'user-agent': secret, referer: `https://app.example/?t=${encoded}` })],
    ['GET', '/v1/client', withHeaders({ 'x-viewer-address': secret, 'x-forwarded-for': secret, forwarded: secret })],
    ['GET', '/v1/client', withHeaders({ 'x-origin-secret': secret, 'x-viewer-address': secret })],
    ['GET', '/v1/client', withHeaders({ cookie: secret })],
    ['GET', '/v1/client', withHeaders({ cookie: `${secret}=1` })],
    ['GET', '/v1/client', withHeaders({ cookie: `__Host-client=${secret}` })],
    ['GET', '/v1/client', withHeaders({ cookie: `__Host-client="${secret}` })],
    ['GET', '/v1/client', withHeaders({ cookie: `__Host-client=${secret}; __Host-client=${secret}` })],

    ['POST', '/v1/client/sign_ins', form(`strategy=ticket&ticket=${encoded}`)],
    ['POST', '/v1/client/sign_ins', form(`strategy=ticket&ticket=${encoded}&ticket=${encoded}`)],
    ['POST', '/v1/client/sign_ins', form(`strategy=ticket&ticket=${encoded}%`)],
    ['POST', '/v1/client/sign_ins', form(`strategy=${encoded}`)],
    ['POST', '/v1/client/sign_ins', form(`${encoded}=ticket`)],
    ['POST', '/v1/client/sign_ins', form(JSON.stringify({ strategy: 'ticket', ticket: secret }), JSON_TYPE)],
    ['POST', '/v1/actor_tokens', json(`{"user_id":"${secret}`)],
    ['POST', '/v1/actor_tokens', json(JSON.stringify(secret))],
    ['POST', '/v1/actor_tokens', json(JSON.stringify({ [secret]: secret }))],
    ['POST', '/v1/actor_tokens', json(JSON.stringify({ user_id: secret, actor: { sub: secret } }))],
    ['POST', '/v1/actor_tokens', { headers: { ...AUTHORIZED, 'content-type': `text/${secret}` }, body: secret }],
    ['POST', '/v1/users', json(JSON.stringify({ first_name: `${secret}\n`, external_id: [secret] }))],
  ];
}

/** Damages stored items, so that reading them fails with an error that quotes them. */
async function breakStoredItems({ actorToken, sessionId, cookie }: Awaited<ReturnType<typeof wholeStory>>) {
  const headers = { ...FORM_TYPE, cookie: `__Host-client=${cookie}` };
  for (const [table, id] of [
    ['ACTOR_TOKENS', actorToken.id],
    ['SESSIONS', sessionId],
  ] as const) {
    await storeItem(table, { ...(await storedItem(table, { id })), status: cookie, end_status: cookie });
  }

  const answers = [
    await ask('POST', '/v1/client/sign_ins', { headers, body: `strategy=ticket&ticket=${actorToken.token}` }),
    await ask('POST', `/v1/client/sessions/${sessionId}/tokens`, { headers }),
    await ask('GET', `/v1/sessions/${sessionId}`, { headers: AUTHORIZED }),
  ];

  for (const { status } of answers) expect(status).toBe(503);
}

test('no secret that was issued or received is in the logs, whatever failed', async () => {
  const story = await wholeStory();
  const { tickets, sessionTokens, cookie, notes } = story;
  const [ticket = '', sessionToken = ''] = [...tickets.slice(0, 1), ...sessionTokens];
  for (const secret of [secretKey, ticket, sessionToken, cookie]) {
    for (const request of misplaced(secret)) await ask(...request);
  }
  await breakStoredItems(story);

  const log = await vi.waitFor(
    async () => {
      const text = await readFile(logFile, 'utf8');
      for (const traceId of traceIds) expect(text.includes(traceId), `the request ${traceId} is logged`).toBe(true);
      return text;
    },
    { timeout: 20_000, interval: 50 },
  );

  const jwtParts = [...tickets, ...sessionTokens].flatMap((jwt) => jwt.split('.'));
  const [clientId = '', cookieSecret = ''] = cookie.split('.');
  const secrets = [secretKey, secretKey.replace('sk_test_', ''), ...jwtParts, cookieSecret, ...notes];
  const spellings = secrets.flatMap((secret) => [secret, Buffer.from(`${secret}:`).toString('base64')]);
  for (const [position, spelling] of spellings.entries()) {
    expect(log.includes(spelling), `secret ${position} is in the logs`).toBe(false);
  }
  expect(log.includes(clientId)).toBe(false);
  expect(log).not.toMatch(/eyJ|sk_(live|test)_|__(Host-)?client/);
});
