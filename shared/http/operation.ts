import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { ApiError, type ErrorCode } from '../base/errors.ts';
import type { Instance } from '../base/instance.ts';
import { causeNames, logRequest } from '../base/log.ts';
import { count, isCallerProved, observe } from '../base/metrics.ts';
import { stackFrames } from '../base/stack.ts';
import type { RequiredScope } from '../secret-keys/secret-key.ts';
import { type Answer, httpResult } from './answer.ts';
import { answerError, apiErrorOf } from './answer-error.ts';
import { checkOriginSecret, sourceIpOf } from './origin-secret.ts';
import { traceIdOf } from './trace-id.ts';

export type HttpEvent = APIGatewayProxyEventV2;
export type HttpResult = APIGatewayProxyStructuredResultV2;
export type HttpHandler = (event: HttpEvent, context: Context) => Promise<HttpResult>;

/** Facts about an operation that its list of routes states. */
interface OperationSettings {
  /** Counts every error answer as `Refused`. */
  readonly isRefusalCounted: boolean;
  /** The scope that the secret key must have; undefined for operations that take no secret key. */
  readonly scope: RequiredScope | undefined;
}

/** One HTTP operation, by its name in the list of routes. */
export interface Operation<Id extends string = string> {
  readonly id: Id;
  /** The handler of this operation for one instance. */
  readonly handlerFor: (instance: Instance, settings: OperationSettings) => HttpHandler;
}

/** The common parts of all answers of the Backend API, the Frontend API or the public endpoints. */
export interface Surface {
  /** Headers of every answer to this event, errors included. */
  readonly headers: (event: HttpEvent, instance: Instance) => Readonly<Record<string, string>>;
  /** Cookies of an error answer. */
  readonly errorCookies?: (error: ApiError, instance: Instance) => readonly string[];
  /** Error codes that count as `Refused` for every operation of this surface. */
  readonly countedRefusals?: ReadonlySet<ErrorCode>;
  /** Answers an error in another form; undefined for the published envelope. */
  readonly answerError?: (error: ApiError, event: HttpEvent, instance: Instance) => Answer | undefined;
}

/** Values that the hooks of one request share. The log's first hook sets them. */
type Shared = { startedAt: number };
type Middleware = middy.MiddlewareObj<HttpEvent, HttpResult, Error, Context, Shared>;
type Hook = middy.MiddlewareFn<HttpEvent, HttpResult, Error, Context, Shared>;

/** Counted for every operation: a request that did not come through CloudFront, and a lack of capacity. */
const ALWAYS_COUNTED = new Set<ErrorCode>(['authorization_invalid', 'too_many_requests']);

/** Returns whether a refusal with this code counts as `Refused`. */
type IsCounted = (code: ErrorCode) => boolean;

function isCountedBy({ countedRefusals }: Surface, { isRefusalCounted }: OperationSettings): IsCounted {
  return (code) => isRefusalCounted || ALWAYS_COUNTED.has(code) || (countedRefusals?.has(code) ?? false);
}

/** Writes one line per request, also when it fails. */
function requestLog(operation: string, instance: Instance, isCounted: IsCounted): Middleware {
  const log: Hook = ({ event, response, error, internal }) => {
    const { requestId, http, timeEpoch } = event.requestContext;
    const status = response?.statusCode ?? 500;
    const failure = error && { code: apiErrorOf(error).code };
    const causes = causeNames(error);
    const unforeseen = error && !(error instanceof ApiError) && { error: error.name, stack: stackFrames(error) };
    if (failure && isCounted(failure.code)) count('Refused', failure);
    const fields = {
      instance: instance.id,
      operation,
      trace_id: traceIdOf(event),
      request_id: requestId,
      ...(isCallerProved() && { source_ip: sourceIpOf(event, instance) }),
      method: http.method,
      route: event.routeKey,
      status,
      duration_ms: Math.round(performance.now() - internal.startedAt),
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

/** Refuses requests that did not come through CloudFront, where CloudFront is configured. */
function originSecret(instance: Instance): Middleware {
  return {
    before: ({ event }) => {
      checkOriginSecret(event, instance);
    },
  };
}

/** The headers of the surface, and the trace id. */
function commonHeaders({ headers }: Surface, event: HttpEvent, instance: Instance): Readonly<Record<string, string>> {
  return { ...headers(event, instance), 'clerk-trace-id': traceIdOf(event) };
}

/** Answers every thrown value in the published form. */
function errorResponses(surface: Surface, instance: Instance): Middleware {
  return {
    onError: (request) => {
      const { event } = request;
      const error = apiErrorOf(request.error);
      const answer = surface.answerError?.(error, event, instance) ?? answerError(error, traceIdOf(event));
      const cookies = surface.errorCookies?.(error, instance) ?? [];
      request.response = httpResult({ ...answer, cookies }, commonHeaders(surface, event, instance));
    },
  };
}

/**
 * An operation: its requests are logged, its errors are answered in the published form, and its headers are set. It answers only when all
 * its work has ended: middy's own time-out would answer while a write is still pending.
 */
export function httpOperation<Id extends string>(
  id: Id,
  surface: Surface,
  answer: (event: HttpEvent, instance: Instance, settings: OperationSettings) => Promise<Answer>,
): Operation<Id> {
  const handlerFor = (instance: Instance, settings: OperationSettings): HttpHandler => {
    const handler = middy<HttpEvent, HttpResult>({ timeoutEarlyInMillis: 0 })
      // middy runs onError hooks last to first: the log, registered first, sees the answer that errorResponses made.
      .use(requestLog(id, instance, isCountedBy(surface, settings)))
      .use(errorResponses(surface, instance))
      .use(originSecret(instance))
      .handler(async (event) =>
        httpResult(await answer(event, instance, settings), commonHeaders(surface, event, instance)),
      );
    return async (event, context) => observe(() => handler(event, context));
  };
  return { id, handlerFor };
}
