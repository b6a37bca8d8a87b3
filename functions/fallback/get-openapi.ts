import { brotliDecompressSync } from 'node:zlib';
import { keptAnswer } from '../../shared/http/kept-answer.ts';
import { publicApi } from '../../shared/http/public-api.ts';
import { compressedOpenapiDocument } from '../defined-when-built.ts';

/** `br` in `Accept-Encoding`, with no weight of 0, which would refuse it (RFC 9110 section 12.5.3). */
const BROTLI = /(?:^|,)\s*br\s*(?:;\s*q=(?:1|0\.\d*[1-9])[\d.]*\s*)?(?:,|$)/i;

function compressed(): Buffer {
  return Buffer.from(compressedOpenapiDocument, 'base64');
}

/** The OpenAPI document as JSON. */
export function openapiDocument(): string {
  return brotliDecompressSync(compressed()).toString();
}

export const GetOpenapi = publicApi('GetOpenapi', async (request) => {
  const type = 'application/json';
  const vary = { vary: 'Accept-Encoding' };
  if (!BROTLI.test(request.header('accept-encoding') ?? ''))
    return keptAnswer({ content: openapiDocument(), type, headers: vary }, request);
  return keptAnswer({ content: compressed(), type, headers: { ...vary, 'content-encoding': 'br' } }, request);
});
