import type { OperationId } from '../../functions/routes.ts';
import type { Caller } from '../base/caller.ts';
import { ApiError } from '../base/errors.ts';
import type { SecretKeyId } from '../base/ids.ts';
import { note } from '../base/metrics.ts';
import { activeSecretKeyId } from '../secret-keys/secret-key.ts';
import type { Answer } from './answer.ts';
import { jsonBody } from './body.ts';
import { type HttpHandler, operationHandler } from './operation.ts';
import { checkApiVersion, type HttpRequest, httpRequest } from './request.ts';

/** A request of a customer's server, its secret key checked. */
export interface BackendRequest extends Pick<HttpRequest, 'pathParameter' | 'query' | 'now'> {
  readonly caller: Caller & { readonly secretKeyId: SecretKeyId };
  /** The JSON object in the body, or an empty one. */
  readonly json: () => unknown;
}

const BEARER = /^Bearer ([^\s,]+)$/;

/**
 * Who calls. Judged before anything else of the request is read, so an unauthenticated caller learns nothing and costs one
 * look-up at most.
 *
 * @throws `authentication_invalid`, `authorization_header_format_invalid`, `clerk_key_invalid`
 */
async function authenticate({ header }: HttpRequest): Promise<SecretKeyId> {
  const authorization = header('authorization');
  if (authorization === undefined) {
    const sentence = "The Authorization header is missing. It must be 'Bearer <your secret key>'.";
    throw new ApiError({ code: 'authentication_invalid', sentence });
  }
  const secretKey = BEARER.exec(authorization)?.[1];
  if (secretKey === undefined) throw new ApiError('authorization_header_format_invalid');
  const secretKeyId = await activeSecretKeyId(secretKey);
  if (!secretKeyId) throw new ApiError('clerk_key_invalid');
  note({ secret_key_id: secretKeyId });
  return secretKeyId;
}

/** An operation for servers: nothing of it runs before the secret key has been checked. */
export function backendApi(operation: OperationId, answer: (request: BackendRequest) => Promise<Answer>): HttpHandler {
  return operationHandler(operation, { headers: () => ({}) }, async (event) => {
    const request = httpRequest(event);
    const secretKeyId = await authenticate(request);
    checkApiVersion(request);
    const { pathParameter, query, now } = request;
    return answer({
      pathParameter,
      query,
      now,
      caller: { ...request.caller, secretKeyId },
      json: () => jsonBody(request),
    });
  });
}
