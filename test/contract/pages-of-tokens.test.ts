// The page that a session token names (`azp`). Where native applications are not allowed, every token of a browser names one, because many
// verifiers take a token without one for a token of their own pages.
import { createPublicKey } from 'node:crypto';
import { verifyToken } from '@clerk/backend';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import { startAtNoon } from '../support/clock.ts';
import { aPendingActorToken } from '../support/given.ts';
import { type Api, call, callBackend, startApi, testInstance } from '../support/http.ts';
import { decoded } from '../support/tickets.ts';

const { allowedOrigin, baseUrl } = inject('stack');
const page = { origin: allowedOrigin };
const api = startApi(testInstance({ NATIVE_CLIENTS: 'false' }));

startAtNoon();

interface Minted {
  readonly where: string;
  readonly token: string;
}

/** The session tokens of a sign-in and of every operation that mints, each with these headers. */
async function mint(given: Pick<Api, 'call'>, signInHeaders: object, headers: object): Promise<readonly Minted[]> {
  const browser = new Browser(given);
  const { ticket } = await aPendingActorToken();
  const signIn = await browser.redeem(ticket, signInHeaders);
  const id = signIn.json.response.created_session_id;
  const tokens = await browser.post(`/v1/client/sessions/${id}/tokens`, {}, headers);
  const touched = await browser.post(`/v1/client/sessions/${id}/touch`, {}, headers);
  const client = await browser.get('/v1/client?_clerk_js_version=6', headers);
  return [
    { where: 'sign-in', token: signIn.json.client.sessions[0].last_active_token.jwt },
    { where: 'tokens', token: tokens.json.jwt },
    { where: 'touch', token: touched.json.response.last_active_token.jwt },
    { where: 'client', token: client.json.response.sessions[0].last_active_token.jwt },
  ];
}

function pagesOf(minted: readonly Minted[]): readonly unknown[] {
  return minted.map(({ token }) => decoded(token).payload.azp);
}

let jwtKey: string;

beforeAll(async () => {
  const { keys } = (await call({ path: '/.well-known/jwks.json' })).json;
  jwtKey = createPublicKey({ key: keys[0], format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();
});

describe('without native applications', () => {
  test('a token of a caller without a page names the Frontend API itself', async () => {
    expect(pagesOf(await mint(api, {}, {}))).toEqual(Array(4).fill(new URL(baseUrl).origin));
  });

  test("an app that names its pages accepts no such token, and accepts its own pages'", async () => {
    const options = { jwtKey, authorizedParties: [allowedOrigin], clockSkewInMs: 1e12 };
    const [[foreign], [own]] = [await mint(api, {}, {}), await mint(api, page, page)];

    await expect(verifyToken(foreign?.token ?? '', options)).rejects.toThrow(/azp/);
    expect(await verifyToken(own?.token ?? '', options)).toMatchObject({ azp: allowedOrigin });
  });

  test('a token names the page that requests it, else the page that signed in', async () => {
    expect(pagesOf(await mint(api, page, page))).toEqual(Array(4).fill(allowedOrigin));
    expect(pagesOf(await mint(api, page, {}))).toEqual(Array(4).fill(allowedOrigin));
    expect(pagesOf(await mint(api, {}, page)).slice(1)).toEqual(Array(3).fill(allowedOrigin));
  });

  test('a token that a server creates names no page', async () => {
    const { ticket } = await aPendingActorToken();
    const signIn = await new Browser(api).redeem(ticket, page);
    const path = `/v1/sessions/${signIn.json.response.created_session_id}/tokens`;

    const { jwt } = (await callBackend('POST', path, {})).json;

    expect(decoded(jwt).payload).not.toHaveProperty('azp');
  });
});

test('with native applications, a token of a caller without a page names none', async () => {
  expect(pagesOf(await mint({ call }, {}, {}))).toEqual(Array(4).fill(undefined));
});
