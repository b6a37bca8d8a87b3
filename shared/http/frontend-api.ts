import type { OperationId } from '../../functions/routes.ts';
import { ApiError } from '../base/errors.ts';
import type { PresentedClient } from '../clients/client.ts';
import { clearedCookies, clientOfToken, type PresentedCookie, presentedClient } from '../clients/client-cookie.ts';
import { StaleClientError } from '../clients/stale-client.ts';
import type { Answer } from './answer.ts';
import { formBody } from './body.ts';
import { type HttpHandler, operationHandler, type Surface } from './operation.ts';
import { checkedOrigin, corsHeaders } from './origin.ts';
import { checkApiVersion, type HttpRequest, headerOf, httpRequest, methodOverride } from './request.ts';

/** A request of a browser, its origin checked. */
export interface FrontendRequest extends Pick<HttpRequest, 'pathParameter' | 'query' | 'now' | 'caller'> {
  /** The page's allowed origin; undefined when the request carries none. */
  readonly origin: string | undefined;
  /** The browser its cookies claim. */
  readonly client: PresentedCookie;
  /** A native application: it has no cookies and proves itself in `Authorization`. */
  readonly isNative: boolean;
  readonly form: () => URLSearchParams;
}

/** A request that needs a browser we know. */
export interface KnownClientRequest extends FrontendRequest {
  readonly client: PresentedClient;
}

const surface: Surface = {
  headers: (event) => corsHeaders(headerOf(event, 'origin')),
  errorCookies: (error) => (error instanceof StaleClientError && error.isLongStale ? clearedCookies() : []),
};

/**
 * Native applications of some frameworks prefix their token with a scheme, others do not.
 *
 * @throws `multiple_authorization_header_values_forbidden`
 */
function nativeClient({ header }: HttpRequest): PresentedCookie {
  const authorization = header('authorization') ?? '';
  if (authorization.includes(',')) throw new ApiError('multiple_authorization_header_values_forbidden');
  return clientOfToken(authorization.replace(/^Bearer /, '')) ?? 'none';
}

/** An operation for browsers: nothing of it runs before the origin has been checked. */
export function frontendApi(
  operation: OperationId,
  answer: (request: FrontendRequest) => Promise<Answer>,
): HttpHandler {
  return operationHandler(operation, surface, async (event) => {
    // Where a Lambda has one operation nobody routed by it, and a deletion must not sign anyone in.
    if (methodOverride(event)) throw new ApiError('method_not_allowed');
    const request = httpRequest(event);
    const origin = checkedOrigin(request);
    checkApiVersion(request);
    const { pathParameter, query, now, caller } = request;
    const isNative = origin === undefined && query.get('_is_native') === '1';
    const client = isNative ? nativeClient(request) : presentedClient(request.cookies);
    return answer({ pathParameter, query, now, caller, origin, client, isNative, form: () => formBody(request) });
  });
}

/**
 * An operation for browsers that have signed in before.
 *
 * @throws `signed_out` without a cookie of ours, `authentication_invalid` with two
 */
export function knownClientApi(
  operation: OperationId,
  answer: (request: KnownClientRequest) => Promise<Answer>,
): HttpHandler {
  return frontendApi(operation, async (request) => {
    const client = unambiguousClient(request.client);
    if (!client) throw new ApiError('signed_out');
    return answer({ ...request, client });
  });
}

/**
 * The claimed client; undefined for a browser without a cookie of ours.
 *
 * @throws `authentication_invalid` when two cookies claim different ones
 */
export function unambiguousClient(client: PresentedCookie): PresentedClient | undefined {
  if (client === 'none') return undefined;
  if (client !== 'ambiguous') return client;
  const sentence =
    'The request carries two __client cookies, and neither can be believed. Clear the cookies of this site.';
  throw new ApiError({ code: 'authentication_invalid', sentence });
}
