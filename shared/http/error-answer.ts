// Errors as they are answered.
import * as v from 'valibot';
import { idOf } from '../base/answer-schema.ts';

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
          v.strictObject({
            param_name: v.exactOptional(v.string()),
            session_id: v.exactOptional(idOf('sess')),
            kind: v.exactOptional(v.pipe(v.string(), v.description('What refused the request, such as `policy`.'))),
            title: v.exactOptional(v.pipe(v.string(), v.description('The rule, or the fault of the credential.'))),
            description: v.exactOptional(v.pipe(v.string(), v.description('What the rule requires and was missing.'))),
          }),
        ),
      }),
    ),
    v.minLength(1),
  ),
  clerk_trace_id: traceId,
});
