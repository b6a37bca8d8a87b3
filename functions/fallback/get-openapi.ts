import { keptAnswer } from '../../shared/http/kept-answer.ts';
import { publicApi } from '../../shared/http/public-api.ts';
import { compressedOpenapiDocument, decompressed } from '../defined-when-built.ts';

/** `br` in `Accept-Encoding`, with no weight of 0, which would refuse it (RFC 9110 section 12.5.3). */
const BROTLI = /(?:^|,)\s*br\s*(?:;\s*q=(?:1|0\.\d*[1-9])[\d.]*\s*)?(?:,|$)/i;

/** The OpenAPI document as JSON. */
export function openapiDocument(): string {
  return decompressed(compressedOpenapiDocument);
}

export const GetOpenapi = publicApi('GetOpenapi', async (request) => {
  const type = 'application/json';
  const vary = { vary: 'Accept-Encoding' };
  if (!BROTLI.test(request.header('accept-encoding') ?? ''))
    return keptAnswer({ content: openapiDocument(), type, headers: vary }, request);
  return keptAnswer(
    { content: Buffer.from(compressedOpenapiDocument, 'base64'), type, headers: { ...vary, 'content-encoding': 'br' } },
    request,
  );
});
