// A company's identity provider: keys over HTTP, and tokens.
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { listenLocally } from '../../local/aws/server.ts';

export type Token = Readonly<Record<string, unknown>>;

interface Changes {
  /** Claims in place of the usual ones; undefined leaves one out. */
  readonly claims?: Token;
  readonly header?: Partial<JWTHeaderParameters>;
}

/** Starts an identity provider. It answers its keys until it is told to fail, and counts the requests. */
export async function startIdentityProvider(audience: string, alg = 'RS256') {
  const newKey = async (kid: string) => ({ kid, ...(await generateKeyPair(alg, { extractable: true })) });
  let keys = [await newKey('first')];
  let requests = 0;
  let isDown = false;
  const others: object[] = [];
  const server = createServer(async (_request, response) => {
    requests += 1;
    if (isDown) return response.writeHead(500).end('down');
    const published = await Promise.all(
      keys.map(async ({ kid, publicKey }) => ({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' })),
    );
    return response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ keys: [...published, ...others] }));
  });
  const { endpoint, stop } = await listenLocally(server, 0);
  const issuer = `${endpoint}/oauth2/default`;

  return {
    issuer,
    stop,
    configuration: { issuer, audience, jwksUri: `${endpoint}/keys`, subject: 'sub', claims: ['groups', 'tenant'] },
    get requests() {
      return requests;
    },
    get publicKey() {
      return keys.at(-1)?.publicKey;
    },
    get privateKey() {
      return keys.at(-1)?.privateKey;
    },
    /** Publishes this key too, as it is. */
    publishAlso: (jwk: object) => {
      others.push(jwk);
    },
    fail: (fails: boolean) => {
      isDown = fails;
    },
    rotate: async () => {
      keys = [await newKey(`key-${requests}-${keys.length}`)];
    },
    /** A token that is accepted, unless its claims or its header are changed. */
    token: async ({ claims = {}, header = {} }: Changes = {}) => {
      const [{ kid, privateKey } = await newKey('none')] = keys;
      const now = Math.floor(Date.now() / 1000);
      const usual = { iss: issuer, aud: audience, sub: '00u1', iat: now, exp: now + 300, auth_time: now - 60 };
      const payload = Object.fromEntries(
        Object.entries({ ...usual, ...claims }).filter(([, value]) => value !== undefined),
      );
      return new SignJWT(payload as JWTPayload)
        .setProtectedHeader({ alg, kid, typ: 'JWT', ...header })
        .sign(privateKey);
    },
  };
}
