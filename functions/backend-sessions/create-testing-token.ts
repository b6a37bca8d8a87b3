// `@clerk/testing` asks for a testing token before its first test, to pass the protection against bots. Nothing here has such protection, so
// the token opens nothing, no operation reads it, and all callers get the same one.
import type * as v from 'valibot';
import { HOUR_IN_SECONDS, plusSeconds, toNumericDate } from '../../shared/base/time.ts';
import { backendApi } from '../../shared/http/backend-api.ts';
import type { testingTokenAnswer } from './answers.ts';

export const CreateTestingToken = backendApi('CreateTestingToken', async ({ now }) => {
  const expiresAt = toNumericDate(plusSeconds(now, HOUR_IN_SECONDS));
  const body: v.InferOutput<typeof testingTokenAnswer> = {
    object: 'testing_token',
    token: 'opens_nothing',
    expires_at: expiresAt,
  };
  return { body };
});
