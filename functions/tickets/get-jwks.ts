// GET /.well-known/jwks.json
import { publicApi } from '../../shared/http/public-api.ts';
import { jwksJson } from '../../shared/signing/jwks.ts';

/** Verifiers and caches may keep it this long; the waits of a rotation reckon with it (cdk/commands/signing-keys/waits.ts). */
const CACHE_CONTROL = 'public, max-age=300';

export const getJwks = publicApi('GetJwks', async () => ({
  body: await jwksJson(),
  headers: { 'cache-control': CACHE_CONTROL },
}));
