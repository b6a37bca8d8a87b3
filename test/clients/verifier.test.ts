import { decodeJwt } from 'jose';
import { expect, inject, test } from 'vitest';
import { sessionTokenForge } from '../examples/session-tokens.ts';
import { aSignedInBrowser } from './backend/clerk.ts';
import { createVerifier } from './verifier.ts';

const { frontendApiUrl: issuer, allowedOrigin, dir, environment: functionEnvironment } = inject('stack');

test('jose alone verifies a session token with the issuer and the origin of the app, and names the actor', async () => {
  const actor = { sub: 'support_7' };
  const { sessionToken, userId } = await aSignedInBrowser({ actor });

  expect(await createVerifier(issuer, allowedOrigin)(sessionToken)).toMatchObject({ sub: userId, act: actor });
});

test('jose alone refuses a session token that has expired, is of another page, or is of another issuer', async () => {
  const { sessionToken } = await aSignedInBrowser();
  const forge = await sessionTokenForge(dir, { functionEnvironment });
  const { iat = 0 } = decodeJwt(sessionToken);
  const verify = createVerifier(issuer, allowedOrigin);

  for (const claims of [
    { iat: iat - 600, nbf: iat - 610, exp: iat - 540 },
    { azp: 'https://other.example' },
    { azp: undefined },
    { iss: 'https://other.example' },
  ])
    await expect(forge.sign(sessionToken, claims).then(verify), JSON.stringify(claims)).rejects.toThrow();
});
