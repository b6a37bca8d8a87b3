import * as v from 'valibot';
import { idOf } from '../base/answer-schema.ts';
import { ApiError, type ErrorItem } from '../base/errors.ts';
import { NoAnswerError } from '../storage/no-answer-error.ts';
import type { Answer } from './answer.ts';
import { errorCatalogue, longMessageOf } from './error-catalogue.ts';

export const traceId = v.pipe(v.string(), v.metadata({ pattern: '^[0-9a-f]{32}$' }));

/** The published error envelope. Source: Clerk's public OpenAPI document, ClerkErrors. */
export const errorsAnswer = v.strictObject({
  errors: v.pipe(
    v.array(
      v.strictObject({
        code: v.string(),
        message: v.string(),
        long_message: v.string(),
        meta: v.exactOptional(
          v.strictObject({ param_name: v.exactOptional(v.string()), session_id: v.exactOptional(idOf('sess')) }),
        ),
      }),
    ),
    v.minLength(1),
  ),
  clerk_trace_id: traceId,
});

/** A conflict or a throttle has usually passed by then. */
const RETRY_AFTER_IN_SECONDS = '1';

/** The error to answer for a thrown value. An unforeseen one is answered without detail. */
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
export function errorAnswer(error: ApiError, clerkTraceId: string): Answer {
  const { status } = errorCatalogue[error.code];
  return {
    status,
    headers: status === 429 || status === 503 ? { 'retry-after': RETRY_AFTER_IN_SECONDS } : {},
    body: { errors: error.items.map(errorJson), clerk_trace_id: clerkTraceId },
  };
}
