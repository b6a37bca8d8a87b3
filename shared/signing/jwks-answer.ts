// The JWK Set as it is answered.
import * as v from 'valibot';

export const jwksAnswer = v.strictObject({
  keys: v.array(
    v.strictObject({
      use: v.literal('sig'),
      kty: v.literal('RSA'),
      kid: v.pipe(v.string(), v.description('The thumbprint of the key (RFC 7638).')),
      alg: v.literal('RS256'),
      n: v.string(),
      e: v.string(),
    }),
  ),
});
