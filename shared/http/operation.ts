import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { config } from '../base/config.ts';
import { ApiError, type ErrorCode } from '../base/errors.ts';
import { causeNames, logRequest, stackFrames } from '../base/log.ts';
import { count, observed } from '../base/metrics.ts';
import { type Answer, httpResult } from './answer.ts';
import { apiErrorOf, errorAnswer } from './error-answer.ts';
import { checkOriginSecret, sourceIpOf, traceIdOf } from './request.ts';

export type HttpEvent = APIGatewayProxyEventV2;
export type HttpResult = APIGatewayProxyStructuredResultV2;
export type HttpHandler = (event: HttpEvent, context: Context) => Promise<HttpResult>;

type Hook = middy.MiddlewareFn<HttpEvent, HttpResult, Error, Context, { startedAt?: number }>;
type Hooks = { readonly before?: Hook; readonly after?: Hook; readonly onError?: Hook };

/** What is common to all answers of the Backend API, the Frontend API or the public endpoints. */
export interface Surface {
  /** Headers every answer to this event gets, errors included. */
  readonly headers: (event: HttpEvent) => Readonly<Record<string, string>>;
  /** Cookies an error takes with it. */
  readonly errorCookies?: (error: ApiError) => readonly string[];
  /** Answers an error in a form of its own; undefined for the published one. */
  readonly errorAnswer?: (error: ApiError, event: HttpEvent) => Answer | undefined;
}

/** Each error answer of these is counted. */
const COUNTED = new Set(['CreateActorToken', 'CreateSignIn', 'RevokeActorToken']);

/**
 * Counted whatever was asked for: the secret key, or CloudFront's, is none that we know; DynamoDB or KMS is short of
 * capacity.
 */
const COUNTED_EVERYWHERE = new Set<ErrorCode>(['clerk_key_invalid', 'authorization_invalid', 'too_many_requests']);

function countRefusal(operation: string, code: ErrorCode): void {
  if (COUNTED.has(operation) || COUNTED_EVERYWHERE.has(code)) count('Refused', { code });
}

/** One line per request, also when it fails. */
function requestLog(operation: string): Hooks {
  const log: Hook = ({ event, response, error, internal }) => {
    const { requestId, http, timeEpoch } = event.requestContext;
    const status = response?.statusCode ?? 500;
    const failure = error && { code: apiErrorOf(error).code };
    const causes = causeNames(error);
    const unforeseen = error && !(error instanceof ApiError) && { error: error.name, stack: stackFrames(error) };
    if (failure) countRefusal(operation, failure.code);
    const fields = {
      instance: config.instanceId,
      operation,
      trace_id: traceIdOf(event),
      request_id: requestId,
      source_ip: sourceIpOf(event),
      method: http.method,
      route: event.routeKey,
      status,
      duration_ms: Math.round(performance.now() - (internal.startedAt ?? 0)),
      ...failure,
      ...(causes.length > 0 && { causes }),
      ...unforeseen,
    };
    logRequest(status >= 500 ? 'error' : 'info', fields, timeEpoch);
  };
  const before: Hook = (request) => {
    request.internal.startedAt = performance.now();
  };
  return { before, after: log, onError: log };
}

/** The surface's headers, and the way from the answer to its log line. */
function commonHeaders({ headers }: Surface, event: HttpEvent): Readonly<Record<string, string>> {
  return { ...headers(event), 'clerk-trace-id': traceIdOf(event) };
}

/** Whatever is thrown becomes an answer in the published shape. */
function errorResponses(surface: Surface): Hooks {
  return {
    onError: (request) => {
      const { event } = request;
      const error = apiErrorOf(request.error);
      const answer = surface.errorAnswer?.(error, event) ?? errorAnswer(error, traceIdOf(event));
      const cookies = surface.errorCookies?.(error) ?? [];
      request.response = httpResult({ ...answer, cookies }, commonHeaders(surface, event));
    },
  };
}

/** A Lambda handler for one operation: logged, its errors answered in shape, its headers set. */
export function operationHandler(
  operation: string,
  surface: Surface,
  answer: (event: HttpEvent) => Promise<Answer>,
): HttpHandler {
  // No answer before the work has ended: middy's early time-out would leave a write running behind its 500.
  const handler = middy<HttpEvent, HttpResult>({ timeoutEarlyInMillis: 0 })
    // middy runs onError hooks last to first: the log, registered first, sees the answer the other hook made.
    .use(requestLog(operation))
    .use(errorResponses(surface))
    .handler(async (event) => {
      checkOriginSecret(event);
      return httpResult(await answer(event), commonHeaders(surface, event));
    });
  return async (event, context) => observed(() => handler(event, context));
}
