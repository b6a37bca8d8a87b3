// docs: jose
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';

export function createVerifier(issuer: string, origin: string): (token: string) => Promise<JWTPayload> {
  const keys = createRemoteJWKSet(new URL(`${issuer}/.well-known/jwks.json`));
  const options = { issuer, algorithms: ['RS256'], requiredClaims: ['exp', 'sub', 'sid'] };
  return async (token) => {
    const { payload } = await jwtVerify(token, keys, options);
    if (payload.azp !== origin) throw new Error("The token was not issued to this app's pages.");
    return payload;
  };
}
// end
