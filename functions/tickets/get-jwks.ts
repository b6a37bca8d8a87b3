import { limits } from '../../shared/base/limits.ts';
import { keptAnswer } from '../../shared/http/kept-answer.ts';
import { publicApi } from '../../shared/http/public-api.ts';
import { jwksJson } from '../../shared/signing/jwks.ts';

export const GetJwks = publicApi('GetJwks', async (request) =>
  keptAnswer(
    {
      content: JSON.stringify(await jwksJson(request.instance)),
      type: 'application/json',
      maxAgeInSeconds: limits.jwksMaxAgeInSeconds,
    },
    request,
  ),
);
