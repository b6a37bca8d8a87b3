// GET /.well-known/jwks.json
import { publicApi } from '../../shared/http/public-api.ts';
import { jwksJson } from '../../shared/signing/jwks.ts';

/** Verifiers may keep it this long, so a new key must be published at least as long before it signs. */
const CACHE_CONTROL = 'public, max-age=300';

export const getJwks = publicApi('GetJwks', async () => ({
  body: await jwksJson(),
  headers: { 'cache-control': CACHE_CONTROL },
}));
