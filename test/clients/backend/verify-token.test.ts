import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { verifyToken } from '@clerk/backend';
import { afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { aPendingActorToken, aSignedInBrowser, clerk, type SignedIn, ticketOf } from './clerk.ts';

const { baseUrl, frontendApiUrl, secretKey, allowedOrigin, ticketKeyPem } = inject('stack');

type Options = Parameters<typeof verifyToken>[1];

const actor = { sub: 'user_support', reason: 'SUP-1' };
let signedIn: SignedIn;
let sessionKeyPem: string;

beforeAll(async () => {
  signedIn = await aSignedInBrowser({ actor });
  const { keys: [jwk] = [] } = await clerk.jwks.getJwks();
  sessionKeyPem = pemOf(createPublicKey({ key: { ...jwk }, format: 'jwk' }));
});

afterEach(() => {
  vi.useRealTimers();
});

function pemOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

/** Applies `change` to the decoded parts of a JWT, and encodes them again. */
function changed(jwt: string, change: (parts: { header: object; payload: object }) => void): string {
  const [header = '', payload = '', signature] = jwt.split('.');
  const parts = { header: decoded(header), payload: decoded(payload) };
  change(parts);
  return `${encoded(parts.header)}.${encoded(parts.payload)}.${signature}`;
}

function decoded(part: string): object {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

/** Returns the same claims with a signature of a foreign key. */
function signedByAnother(jwt: string): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const input = jwt.split('.').slice(0, 2).join('.');
  return `${input}.${sign('sha256', Buffer.from(input), privateKey).toString('base64url')}`;
}

describe('the JWKS', () => {
  test('the JWKS holds public keys that verify RS256, named by their thumbprints, and nothing else', async () => {
    const { keys = [] } = await clerk.jwks.getJwks();

    expect(keys).toHaveLength(1);
    for (const { n, e, kid, ...rest } of keys) {
      expect(rest).toEqual({ use: 'sig', kty: 'RSA', alg: 'RS256' });
      const thumbprint = createHash('sha256').update(JSON.stringify({ e, kty: 'RSA', n }));
      expect(kid).toBe(thumbprint.digest('base64url'));
    }
  });

  test('the JWKS is the one that anyone can read', async () => {
    const response = await fetch(`${baseUrl}/.well-known/jwks.json`);

    expect(await response.json()).toEqual(await clerk.jwks.getJwks());
  });

  test('the JWKS holds no key that signs tickets', async () => {
    const { n } = createPublicKey(await readFile(ticketKeyPem)).export({ format: 'jwk' });

    const { keys = [] } = await clerk.jwks.getJwks();

    expect(keys.map((key) => key.n)).not.toContain(n);
  });
});

// A verifier either fetches the JWKS with its secret key, or is configured with the public key.
describe.each<[string, () => Options]>([
  ['by the JWKS', () => ({ secretKey, apiUrl: baseUrl })],
  ['by the public key as PEM', () => ({ jwtKey: sessionKeyPem })],
])('verifying a session token %s', (_name, optionsOf) => {
  const verify = (jwt: string, options: Options = {}) => verifyToken(jwt, { ...optionsOf(), ...options });

  async function expectRefusal(verification: Promise<unknown>, reason: string | RegExp): Promise<void> {
    await expect(verification).rejects.toMatchObject({ reason: expect.stringMatching(reason) });
  }

  test('verifying a session token returns its claims: target, actor, session and page', async () => {
    const claims = await verify(signedIn.sessionToken);

    expect(claims).toEqual({
      act: actor,
      azp: allowedOrigin,
      exp: claims.iat + 60,
      fva: [0, -1],
      iat: expect.any(Number),
      iss: frontendApiUrl,
      nbf: claims.iat - 10,
      sid: signedIn.sessionId,
      sts: 'active',
      sub: signedIn.userId,
      v: 2,
    });
  });

  test('verification accepts a token that the page requested later', async () => {
    const answer = await signedIn.browser.post(`/v1/client/sessions/${signedIn.sessionId}/tokens`);

    const claims = await verify(answer.json.jwt);

    expect(claims).toMatchObject({ act: actor, azp: allowedOrigin, sid: signedIn.sessionId, sub: signedIn.userId });
  });

  test('verification accepts the expected issuer, and no other', async () => {
    await expect(verify(signedIn.sessionToken, { issuer: frontendApiUrl })).resolves.toMatchObject({
      iss: frontendApiUrl,
    });
    await expectRefusal(
      verify(signedIn.sessionToken, { issuer: 'https://another-issuer.invalid' }),
      'token-invalid-issuer',
    );
  });

  test('verification accepts a page among the authorized parties, and no other', async () => {
    const other = 'https://app.example.com';

    const claims = await verify(signedIn.sessionToken, { authorizedParties: [other, allowedOrigin] });

    expect(claims.azp).toBe(allowedOrigin);
    const refused = verify(signedIn.sessionToken, { authorizedParties: [other] });
    await expectRefusal(refused, 'token-invalid-authorized-parties');
  });

  test('verification accepts a token made for a server only without authorized parties', async () => {
    const { jwt } = await clerk.sessions.getToken(signedIn.sessionId);

    const claims = await verify(jwt);

    expect(claims).not.toHaveProperty('azp');
    expect(claims.act).toEqual(actor);
    await expectRefusal(verify(jwt, { authorizedParties: [allowedOrigin] }), 'token-invalid-authorized-parties');
  });

  test('verification refuses a token after its 60 seconds and the tolerance of five', async () => {
    const { exp } = await verify(signedIn.sessionToken);
    vi.useFakeTimers({ toFake: ['Date'] });

    vi.setSystemTime((exp + 5) * 1000 - 1);
    await expect(verify(signedIn.sessionToken)).resolves.toMatchObject({ sid: signedIn.sessionId });

    vi.setSystemTime((exp + 5) * 1000);
    await expectRefusal(verify(signedIn.sessionToken), 'token-expired');
  });

  test('verification refuses a token whose target, actor, end or category was changed', async () => {
    const tampered = [
      changed(signedIn.sessionToken, ({ payload }) => Object.assign(payload, { sub: 'user_another' })),
      changed(signedIn.sessionToken, ({ payload }) => Object.assign(payload, { act: undefined })),
      changed(signedIn.sessionToken, ({ payload }) => Object.assign(payload, { exp: 2_000_000_000 })),
      changed(signedIn.sessionToken, ({ header }) => Object.assign(header, { cat: undefined })),
    ];

    for (const jwt of tampered) await expectRefusal(verify(jwt), 'token-invalid-signature');
  });

  test('verification refuses the signature of another key, and a missing one', async () => {
    const [header, payload] = signedIn.sessionToken.split('.');

    await expectRefusal(verify(signedByAnother(signedIn.sessionToken)), 'token-invalid-signature');
    await expectRefusal(verify(`${header}.${payload}.`), 'token-invalid-signature');
    const unsigned = changed(signedIn.sessionToken, (parts) => Object.assign(parts.header, { alg: 'none' }));
    await expectRefusal(verify(unsigned), 'token-invalid-algorithm');
  });

  test('verification refuses a ticket', async () => {
    const ticket = ticketOf(await aPendingActorToken());

    await expectRefusal(verify(ticket), /^(jwk-kid-mismatch|token-invalid-signature|token-verification-failed)$/);
  });
});

test('a ticket is no session token even to a verifier that has the public key of tickets', async () => {
  const ticket = ticketOf(await aPendingActorToken());
  const jwtKey = pemOf(createPublicKey(await readFile(ticketKeyPem)));

  await expect(verifyToken(ticket, { jwtKey })).rejects.toMatchObject({ reason: 'token-verification-failed' });
});
