// GET /v1/jwks
// The public keys, where `@clerk/backend` looks for them.
import { backendApi } from '../../shared/http/backend-api.ts';
import { jwksJson } from '../../shared/signing/jwks.ts';

export const getBackendJwks = backendApi('GetBackendJwks', async () => ({ body: await jwksJson() }));
