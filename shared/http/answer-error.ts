import { ApiError, type ErrorItem } from '../base/errors.ts';
import { NoAnswerError } from '../storage/no-answer-error.ts';
import type { Answer } from './answer.ts';
import { errorCatalogue, longMessageOf } from './error-catalogue.ts';

/** Most conflicts and throttles are shorter than this. */
const RETRY_AFTER_IN_SECONDS = '1';

/** The error to answer for a thrown value. An unexpected value is answered without detail. */
export function apiErrorOf(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  return new ApiError(thrown instanceof NoAnswerError ? 'service_unavailable' : 'internal_clerk_error');
}

function errorJson(item: ErrorItem) {
  const { code, meta } = item;
  const { message } = errorCatalogue[code];
  return { code, message, long_message: longMessageOf(item), ...(meta ? { meta } : {}) };
}

/** The answer for an error, in the published envelope. */
export function answerError(error: ApiError, clerkTraceId: string): Answer {
  const { status } = errorCatalogue[error.code];
  return {
    status,
    headers: status === 429 || status === 503 ? { 'retry-after': RETRY_AFTER_IN_SECONDS } : {},
    body: { errors: error.items.map(errorJson), clerk_trace_id: clerkTraceId },
  };
}
