import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClerkClient } from '@clerk/backend';
import { exportJWK, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuthorizerExample, startAuthorizerExample } from '../../examples/authorizer/run.ts';
import { type Run, run } from '../../local/run.ts';
import { type SessionTokenForge, sessionTokenForge } from './session-tokens.ts';
import { type SignInResponse, Visitor } from './visitor.ts';

let dir: string;
let example: AuthorizerExample;
let forge: SessionTokenForge;
let ticket: string;
let genuine: string;
let madeForServer: string;
let sessionId: string;
let userId: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'authorizer-'));
  example = await startAuthorizerExample({ ports: [0, 0], dir, signal: new AbortController().signal });
  forge = await sessionTokenForge(join(dir, 'api'), example.local);
  const { userIds, secretKey, baseUrl, frontendApiUrl, allowedOrigin } = example.local.instance;
  userId = userIds[0] ?? '';
  const clerk = createClerkClient({ secretKey, apiUrl: baseUrl });
  const actor = { sub: 'user_support', nested: { team: 'second level' } };
  const { token } = await clerk.actorTokens.create({ userId, actor, expiresInSeconds: 600 });
  ticket = token ?? '';
  const form = { strategy: 'ticket', ticket };
  const redeemed = await new Visitor().fetch(`${frontendApiUrl}/v1/client/sign_ins`, allowedOrigin, form);
  const { response, client } = (await redeemed.json()) as SignInResponse;
  sessionId = response.created_session_id;
  genuine = client.sessions[0]?.last_active_token.jwt ?? '';
  madeForServer = (await clerk.sessions.getToken(sessionId)).jwt;
});

afterAll(() => example.stop());

interface Call {
  readonly method?: string;
  readonly authorization?: string;
  readonly body?: string;
  readonly endpoint?: string;
}

async function callNotes({ authorization, method = 'GET', body, endpoint = example.notes.endpoint }: Call) {
  const headers = { 'content-type': 'text/plain', ...(authorization !== undefined && { authorization }) };
  const response = await fetch(`${endpoint}/notes`, { method, headers, ...(body !== undefined && { body }) });
  return { status: response.status, json: await response.json() };
}

const unauthorized = { status: 401, json: { message: 'Unauthorized' } };
const forbidden = { status: 403, json: { message: 'Forbidden' } };

describe('the context of the function', () => {
  test('the function receives user, session and actor of an impersonation as strings', async () => {
    const { status, json } = await callNotes({ authorization: `Bearer ${genuine}` });

    expect(status).toBe(200);
    expect(json).toEqual({
      caller: {
        user_id: userId,
        external_id: 'customer_ada',
        session_id: sessionId,
        is_impersonated: 'true',
        actor_sub: 'user_support',
        act_mode: '',
      },
      notes: [],
    });
  });

  test('the function receives no actor when users act themselves', async () => {
    const own = await forge.sign(genuine, { act: undefined });

    const { json } = await callNotes({ authorization: `Bearer ${own}` });

    expect(json).toMatchObject({ caller: { user_id: userId, is_impersonated: 'false', actor_sub: '' } });
  });
});

describe('without an identity', () => {
  test.each([
    ['no header', {}],
    ['an empty header', { authorization: '' }],
  ])('a request with %s is answered 401', async (_case, call) => {
    expect(await callNotes(call)).toEqual(unauthorized);
  });
});

describe('with an identity that is not accepted', () => {
  const seconds = () => Math.floor(Date.now() / 1000);
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });

  /** Signs the claims of the genuine token with another key or algorithm. */
  async function resign(alg: string, key: Parameters<SignJWT['sign']>[0], header: object = {}): Promise<string> {
    const [head = '', payload = ''] = genuine.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    return new SignJWT(JSON.parse(payload)).setProtectedHeader({ ...JSON.parse(head), ...header, alg }).sign(key);
  }

  const tokens: readonly (readonly [string, () => Promise<string> | string])[] = [
    ['a ticket', () => ticket],
    ['garbage', () => 'garbage'],
    ['an altered token', () => `${genuine.slice(0, -6)}AAAAAA`],
    ['another issuer', () => forge.sign(genuine, { iss: 'https://clerk.example.com' })],
    ['no issuer', () => forge.sign(genuine, { iss: undefined })],
    ['an expired token', () => forge.sign(genuine, { exp: seconds() - 10 })],
    ['a token without end', () => forge.sign(genuine, { exp: undefined })],
    ['a token of the future', () => forge.sign(genuine, { nbf: seconds() + 60 })],
    ['the page of another app', () => forge.sign(genuine, { azp: 'https://other.example' })],
    ['a token made for a server, not for a page', () => madeForServer],
    ['no user', () => forge.sign(genuine, { sub: undefined })],
    ['no session', () => forge.sign(genuine, { sid: undefined })],
    ['an actor without a name', () => forge.sign(genuine, { act: {} })],
    ['an actor that is no object', () => forge.sign(genuine, { act: 'user_support' })],
    ['an actor of null', () => forge.sign(genuine, { act: null })],
    ['a token of another category', () => forge.sign(genuine, {}, { cat: 'cl_B7d4PD222AAA' })],
    ['a handshake', () => forge.sign(genuine, { handshake: [] }, { cat: undefined })],
    ['another type', () => forge.sign(genuine, {}, { typ: 'at+jwt' })],
    ['no algorithm', () => new UnsecuredJWT({ sub: userId, sid: sessionId }).encode()],
    ['PS256 by the same key', () => forge.sign(genuine, {}, { alg: 'PS256' })],
    ['RS512 by the same key', () => forge.sign(genuine, {}, { alg: 'RS512' })],
    ['HS256 by the public key', () => resign('HS256', Buffer.from(publicKeyPem()))],
    ["a stranger's key under the known id", () => resign('RS256', stranger.privateKey)],
    ["a stranger's key under an unknown id", () => resign('RS256', stranger.privateKey, { kid: 'stranger' })],
    [
      "a stranger's key that the token brings along",
      async () => resign('RS256', stranger.privateKey, { jwk: await exportJWK(stranger.publicKey) }),
    ],
  ];

  function publicKeyPem(): string {
    return createPublicKey(forge.privateKeyPem).export({ type: 'spki', format: 'pem' }).toString();
  }

  test.each(tokens)('a request with %s is answered 403', async (_case, token) => {
    expect(await callNotes({ authorization: `Bearer ${await token()}` })).toEqual(forbidden);
  });

  test.each(['', 'Basic ', 'bearer ', 'Bearer  '])(
    'a session token after the scheme %j is answered 403',
    async (scheme) => {
      expect(await callNotes({ authorization: scheme + genuine })).toEqual(forbidden);
    },
  );
});

describe('writes', () => {
  test('a person who acts as the user cannot write', async () => {
    const call = { method: 'POST', authorization: `Bearer ${genuine}`, body: 'by support' };

    expect(await callNotes(call)).toEqual(forbidden);
    expect((await callNotes({ authorization: `Bearer ${genuine}` })).json).toMatchObject({ notes: [] });
  });

  test('users themselves can write', async () => {
    const own = await forge.sign(genuine, { act: undefined, sub: 'user_other' });

    const written = await callNotes({ method: 'POST', authorization: `Bearer ${own}`, body: 'by myself' });

    expect(written).toMatchObject({ status: 201, json: { note: { text: 'by myself', writtenBy: 'user_other' } } });
  });
});

describe('another configuration', () => {
  async function runNotes(context: Readonly<Record<string, string>>): Promise<Run> {
    const { frontendApiUrl, allowedOrigin } = example.local.instance;
    const configured = { issuer: frontendApiUrl, authorizedParties: allowedOrigin, ...context };
    const own = await mkdtemp(join(dir, 'notes-'));
    const app = 'examples/authorizer/app.ts';
    const notes = await run({ app, context: async () => configured, port: 0, dir: own });
    notes.serve();
    return notes;
  }

  test('with writes allowed, a note records the actor who wrote it', async () => {
    await using resources = new AsyncDisposableStack();
    const notes = await runNotes({ writesWhileImpersonating: 'allow' });
    resources.defer(notes.stop);
    const call = { method: 'POST', authorization: `Bearer ${genuine}`, body: 'by support', endpoint: notes.endpoint };

    expect(await callNotes(call)).toMatchObject({
      status: 201,
      json: { note: { of: userId, writtenBy: 'user_support' } },
    });
  });

  test('with writes allowed, a session that the policy lets only read cannot write', async () => {
    await using resources = new AsyncDisposableStack();
    const { endpoint, stop } = await runNotes({ writesWhileImpersonating: 'allow' });
    resources.defer(stop);

    for (const act_mode of ['read_only', 'a mode of tomorrow', '', 1]) {
      const authorization = `Bearer ${await forge.sign(genuine, { act_mode })}`;
      const read = await callNotes({ authorization, endpoint });
      expect(read).toMatchObject({ status: 200, json: { caller: { act_mode: 'read_only' } } });
      expect(await callNotes({ method: 'POST', authorization, body: 'x', endpoint })).toEqual(forbidden);
    }
  });

  test('every request is refused while the keys cannot be fetched', async () => {
    await using resources = new AsyncDisposableStack();
    const issuer = 'http://127.0.0.1:9';
    const notes = await runNotes({ issuer });
    resources.defer(notes.stop);
    const token = await forge.sign(genuine, { iss: issuer });

    expect(await callNotes({ authorization: `Bearer ${token}`, endpoint: notes.endpoint })).toEqual(forbidden);
  });

  test('a stack with an unknown value is not synthesized', async () => {
    await expect(runNotes({ writesWhileImpersonating: 'sometimes' })).rejects.toThrow(/allow/);
  });
});
