// `@clerk/backend` looks for the public keys here.
import { backendApi } from '../../shared/http/backend-api.ts';
import { jwksJson } from '../../shared/signing/jwks.ts';

export const GetBackendJwks = backendApi('GetBackendJwks', async ({ instance }) => ({
  body: await jwksJson(instance),
}));
