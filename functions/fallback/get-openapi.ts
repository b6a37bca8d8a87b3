import { brotliDecompressSync } from 'node:zlib';
import { publicApi } from '../../shared/http/public-api.ts';
import { compressedOpenapiDocument } from '../defined-when-built.ts';

/** The OpenAPI document as JSON. */
export function openapiDocument(): string {
  return brotliDecompressSync(Buffer.from(compressedOpenapiDocument, 'base64')).toString();
}

export const GetOpenapi = publicApi('GetOpenapi', async () => ({
  text: openapiDocument(),
  headers: { 'content-type': 'application/json', 'cache-control': 'public, max-age=300' },
}));
