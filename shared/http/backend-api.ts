import type { BackendCall, CreatingCall } from '../base/call.ts';
import { ApiError, type ErrorCode } from '../base/errors.ts';
import type { SecretKeyId } from '../base/ids.ts';
import { note, noteProvedCaller } from '../base/metrics.ts';
import { parseNoParams } from '../base/params.ts';
import { verifyOperator } from '../operators/verified-operator.ts';
import { type RequiredScope, whyRefused } from '../secret-keys/secret-key.ts';
import { findSecretKey } from '../secret-keys/secret-key-record.ts';
import type { Answer } from './answer.ts';
import { answerError } from './answer-error.ts';
import { checkApiVersion } from './api-version.ts';
import { emptyJsonBody, jsonBody } from './body.ts';
import { type HttpEvent, httpOperation, type Operation, type Surface } from './operation.ts';
import { type HttpRequest, httpRequest } from './request.ts';
import { traceIdOf } from './trace-id.ts';

interface RequestBody {
  /** The JSON object in the body, or an empty one. */
  readonly json: () => unknown;
  /** Checks that the body has no parameters, and throws the same codes and `form_param_unknown`. */
  readonly checkNoParams: () => void;
}

/** A request of a customer's server with a valid secret key. */
export interface BackendRequest
  extends BackendCall,
    RequestBody,
    Pick<HttpRequest, 'pathId' | 'pathParameter' | 'query'> {}

/** A request of a customer's server with a valid secret key, or of an operator with a valid token. */
export interface OperatorRequest extends CreatingCall, RequestBody, Pick<HttpRequest, 'pathId'> {}

const CHALLENGE = 'Bearer realm="Backend API"';

/** How to authenticate, in the answer to a request without a sufficient secret key. Source: RFC 6750 section 3. */
const CHALLENGES: { readonly [Code in ErrorCode]?: string } = {
  authentication_invalid: CHALLENGE,
  authorization_header_format_invalid: CHALLENGE,
  clerk_key_invalid: `${CHALLENGE}, error="invalid_token"`,
  not_allowed_access: `${CHALLENGE}, error="insufficient_scope"`,
};

/** A 403 with a `kind` is not about the scopes of a secret key, so it has no `insufficient_scope`. */
function challengeOf({ code, items: [{ meta }] }: ApiError): string | undefined {
  if (meta?.kind === 'operator_token') return `${CHALLENGE}, error="invalid_token"`;
  return code === 'not_allowed_access' && meta?.kind !== undefined ? undefined : CHALLENGES[code];
}

/** The published envelope, with the challenge that RFC 9110 section 15.5.2 requires of every 401. */
function challengingAnswer(error: ApiError, event: HttpEvent): Answer | undefined {
  const challenge = challengeOf(error);
  if (challenge === undefined) return undefined;
  return { ...answerError(error, traceIdOf(event)), headers: { 'www-authenticate': challenge } };
}

const surface: Surface = {
  headers: () => ({}),
  answerError: challengingAnswer,
  // Everybody can send requests without a secret key, so an alarm watches them for all operations together.
  countedRefusals: new Set<ErrorCode>([
    'authentication_invalid',
    'authorization_header_format_invalid',
    'clerk_key_invalid',
  ]),
};

/** Source: RFC 9110 section 11.1, the scheme in any case, and section 11.4, one or more spaces. */
const BEARER = /^Bearer +([^\s,]+)$/i;

/** The credential of a request. @throws `authentication_invalid`, `authorization_header_format_invalid` */
function bearerOf({ header }: HttpRequest): string {
  const authorization = header('authorization');
  if (authorization === undefined) {
    const sentence =
      "The Authorization header is missing. It must be 'Bearer <your secret key>', or an operator's token where this operation accepts one.";
    throw new ApiError({ code: 'authentication_invalid', sentence });
  }
  const bearer = BEARER.exec(authorization)?.[1];
  if (bearer === undefined) throw new ApiError('authorization_header_format_invalid');
  return bearer;
}

/**
 * The id of the caller's secret key. The key is checked before any other part of the request, so an unauthenticated caller learns nothing
 * and causes at most one read.
 *
 * @throws `clerk_key_invalid`, `not_allowed_access`
 */
async function authenticateServer(
  secretKey: string,
  { instance, now }: HttpRequest,
  scope: RequiredScope | undefined,
): Promise<SecretKeyId> {
  const key = await findSecretKey(instance, secretKey);
  if (!key) throw new ApiError('clerk_key_invalid');
  note({ secret_key_id: key.id });
  noteProvedCaller();
  const refusal = whyRefused(key, { scope, now, generation: instance.generation });
  if (refusal) throw new ApiError(refusal);
  return key.id;
}

/** A JWT in its compact form (RFC 7519 section 3). No secret key has it. */
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * The caller of an operation that operators may use: an operator by their token, or a server by its secret key.
 *
 * @throws `authentication_invalid`, `authorization_header_format_invalid`, `clerk_key_invalid`, `not_allowed_access`, `service_unavailable`
 */
async function authenticate(request: HttpRequest, scope: RequiredScope | undefined): Promise<CreatingCall['caller']> {
  const bearer = bearerOf(request);
  if (request.instance.authority.operators === undefined || !JWT.test(bearer))
    return { ...request.caller, secretKeyId: await authenticateServer(bearer, request, scope) };
  const operator = await verifyOperator(bearer, request);
  noteProvedCaller();
  return { ...request.caller, operator };
}

function bodyOf(request: HttpRequest) {
  return { json: () => jsonBody(request), checkNoParams: () => parseNoParams(emptyJsonBody(request)) };
}

/** An operation for servers. Its own code runs only after the secret key and its scopes have been checked. */
export function backendApi<Id extends string>(
  id: Id,
  answer: (request: BackendRequest) => Promise<Answer>,
): Operation<Id> {
  return httpOperation(id, surface, async (event, instance, { scope }) => {
    const request = httpRequest(event, instance);
    const secretKeyId = await authenticateServer(bearerOf(request), request, scope);
    checkApiVersion(request);
    const { pathId, pathParameter, query, now } = request;
    const caller = { ...request.caller, secretKeyId };
    return answer({ instance, now, caller, pathId, pathParameter, query, ...bodyOf(request) });
  });
}

/**
 * An operation for servers and for operators. Its own code runs only after the secret key and its scopes, or the operator's token, have
 * been checked.
 */
export function operatorApi<Id extends string>(
  id: Id,
  answer: (request: OperatorRequest) => Promise<Answer>,
): Operation<Id> {
  return httpOperation(id, surface, async (event, instance, { scope }) => {
    const request = httpRequest(event, instance);
    const caller = await authenticate(request, scope);
    checkApiVersion(request);
    return answer({ instance, now: request.now, caller, pathId: request.pathId, ...bodyOf(request) });
  });
}
