import { publicApi } from '../../shared/http/public-api.ts';
import { openapiDocument } from '../defined-when-built.ts';

export const GetOpenapi = publicApi('GetOpenapi', async () => ({
  text: openapiDocument,
  headers: { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' },
}));
