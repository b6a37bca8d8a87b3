import { limits } from '../../shared/base/limits.ts';
import { publicApi } from '../../shared/http/public-api.ts';
import { jwksJson } from '../../shared/signing/jwks.ts';

export const GetJwks = publicApi('GetJwks', async ({ instance }) => ({
  body: await jwksJson(instance),
  headers: { 'cache-control': `public, max-age=${limits.jwksMaxAgeInSeconds}` },
}));
