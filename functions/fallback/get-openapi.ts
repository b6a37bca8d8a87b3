// GET /v1/openapi.json
// Every operation, for people and for generators of clients.
import { publicApi } from '../../shared/http/public-api.ts';
import { openapiDocument } from './openapi-document.ts';

export const getOpenapi = publicApi('GetOpenapi', async () => ({
  text: openapiDocument,
  headers: { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' },
}));
