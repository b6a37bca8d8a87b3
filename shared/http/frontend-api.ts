import type { BrowserCall } from '../base/call.ts';
import { ApiError } from '../base/errors.ts';
import type { Instance } from '../base/instance.ts';
import type { ClaimedClients, PresentedClient } from '../clients/client.ts';
import { clearedCookies, presentedClients } from '../clients/client-cookie.ts';
import { parseClientToken } from '../clients/client-secret.ts';
import { StaleClientError } from '../clients/stale-client.ts';
import type { Answer } from './answer.ts';
import { checkApiVersion } from './api-version.ts';
import { formBody } from './body.ts';
import { headerOf } from './header.ts';
import { httpOperation, type Operation, type Surface } from './operation.ts';
import { checkedOrigin, corsHeaders } from './origin.ts';
import { type HttpRequest, httpRequest } from './request.ts';

/** A request of a browser whose origin has been checked. */
export interface FrontendRequest
  extends BrowserCall,
    ClaimedClients,
    Pick<HttpRequest, 'pathParameter' | 'pathId' | 'query' | 'header'> {
  /** The page's allowed origin; undefined when the request carries none. */
  readonly origin: string | undefined;
  /** True for a native application: it has no cookies and sends its client token in `Authorization`. */
  readonly isNative: boolean;
  readonly form: () => URLSearchParams;
}

/** A request that claims to come from a browser that has signed in before. */
export interface KnownClientRequest extends FrontendRequest {
  readonly client: PresentedClient;
}

/** The cookies of an error answer to a browser: a cookie that has been stale for long is deleted. */
export function errorCookies(error: ApiError, instance: Instance): readonly string[] {
  return error instanceof StaleClientError && error.isLongStale ? clearedCookies(instance) : [];
}

const surface: Surface = {
  headers: (event, instance) => corsHeaders(headerOf(event, 'origin'), instance),
  errorCookies,
};

/**
 * Native applications of some frameworks prefix their client token with a scheme, others do not.
 *
 * @throws `multiple_authorization_header_values_forbidden`
 */
function nativeClients({ header }: HttpRequest): ClaimedClients {
  const authorization = header('authorization') ?? '';
  if (authorization.includes(',')) throw new ApiError('multiple_authorization_header_values_forbidden');
  const client = parseClientToken(authorization.replace(/^Bearer +/i, ''));
  return { clients: client ? [client] : [], doubtful: [] };
}

/** An operation for browsers. Its own code runs only after the origin has been checked. */
export function frontendApi<Id extends string>(
  id: Id,
  answer: (request: FrontendRequest) => Promise<Answer>,
): Operation<Id> {
  return httpOperation(id, surface, async (event, instance) => {
    const request = httpRequest(event, instance);
    const origin = checkedOrigin(request);
    checkApiVersion(request);
    const { pathParameter, pathId, query, header, now, caller } = request;
    const claimsToBeNative = query.get('_is_native') === '1';
    if (claimsToBeNative && !instance.nativeClients) throw new ApiError('native_api_disabled');
    const isNative = claimsToBeNative && origin === undefined;
    const claimed = isNative ? nativeClients(request) : presentedClients(request.cookies, instance);
    const form = () => formBody(request);
    return answer({ instance, now, caller, pathParameter, pathId, query, header, origin, ...claimed, isNative, form });
  });
}

/**
 * An operation for browsers that have signed in before.
 *
 * @throws `signed_out` without a cookie of this product, `authentication_invalid` with two
 */
export function knownClientApi<Id extends string>(
  id: Id,
  answer: (request: KnownClientRequest) => Promise<Answer>,
): Operation<Id> {
  return frontendApi(id, async (request) => {
    const client = unambiguousClient(request.clients);
    if (!client) throw new ApiError('signed_out');
    return answer({ ...request, client });
  });
}

/**
 * The claimed client; undefined for a browser without a cookie of this product.
 *
 * @throws `authentication_invalid` when the cookies claim several
 */
export function unambiguousClient([client, another]: readonly PresentedClient[]): PresentedClient | undefined {
  if (!another) return client;
  const sentence = 'The request carries several cookies of a client, which contradict each other. Please try again.';
  throw new ApiError({ code: 'authentication_invalid', sentence });
}
