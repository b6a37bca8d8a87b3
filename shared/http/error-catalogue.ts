import type { ErrorCode, ErrorItem, ErrorMeta } from '../base/errors.ts';
import { limits } from '../base/limits.ts';

interface CatalogueEntry {
  readonly status: number;
  readonly message: string;
  /** The cause and what to do. clerk-js shows it to people, so it is never empty. */
  readonly longMessage: string | ((meta: ErrorMeta) => string);
}

const param = (sentence: (name: string) => string) => (meta: ErrorMeta) => sentence(meta.param_name ?? 'A parameter');

/** Status and texts of every code. Source of codes and statuses: Clerk's public error catalogue; the sentences are our own. */
export const errorCatalogue: Readonly<Record<ErrorCode, CatalogueEntry>> = {
  actor_token_already_used_code: {
    status: 400,
    message: 'actor token has already been used',
    longMessage: 'This actor token has already been used. Each token can be used once; please request a new one.',
  },
  actor_token_cannot_be_revoked_code: {
    status: 400,
    message: 'cannot revoke',
    longMessage: 'Only pending actor tokens can be revoked.',
  },
  actor_token_cannot_be_used_code: {
    status: 400,
    message: 'actor token cannot be used',
    longMessage:
      'The user of this actor token was banned, or got another external id, after it was created. Please request a new one.',
  },
  actor_token_not_in_sign_in_code: {
    status: 400,
    message: 'not in sign in',
    longMessage: 'Actor tokens can only be used to sign in.',
  },
  actor_token_revoked_code: {
    status: 400,
    message: 'actor token has been revoked',
    longMessage: 'This actor token has been revoked and cannot be used. Please request a new one.',
  },
  actor_token_subject_not_found: {
    status: 404,
    message: 'user not found',
    longMessage: 'The user of this actor token no longer exists. Please request a token for another user.',
  },
  api_version_invalid: {
    status: 400,
    message: 'invalid API version',
    longMessage:
      'Give the API version once, as a date such as 2025-11-10, in Clerk-API-Version or in __clerk_api_version.',
  },
  authentication_invalid: {
    status: 401,
    message: 'Invalid authentication',
    longMessage: 'The request could not be authenticated: the credentials are missing or no longer valid.',
  },
  authorization_header_format_invalid: {
    status: 401,
    message: 'Invalid Authorization header format',
    longMessage: "Invalid Authorization header. It must be 'Bearer <your secret key>'.",
  },
  authorization_invalid: {
    status: 403,
    message: 'Unauthorized request',
    longMessage: 'You are not authorized to perform this request.',
  },
  clerk_key_invalid: {
    status: 401,
    message: 'The secret key is invalid',
    longMessage: 'The secret key is unknown or has been revoked. Make sure that it is a secret key of this instance.',
  },
  form_conditional_param_missing: {
    status: 422,
    message: 'is missing',
    longMessage: param((name) => `${name} must be included.`),
  },
  form_identifier_exists: {
    status: 422,
    message: 'already exists',
    longMessage: param((name) => `${name} belongs to another user. Please use another value.`),
  },
  form_param_array_size_exceeded: {
    status: 422,
    message: 'has too many entries',
    longMessage: param((name) => `${name} has more entries than allowed.`),
  },
  form_param_duplicate: {
    status: 422,
    message: 'is duplicate',
    longMessage: param((name) => `${name} is included several times. Include it once.`),
  },
  form_param_exceeds_allowed_size: {
    status: 422,
    message: 'is too large',
    longMessage: param((name) => `${name} has more bytes than allowed.`),
  },
  form_param_format_invalid: {
    status: 422,
    message: 'is invalid',
    longMessage: param((name) => `${name} does not have a valid form.`),
  },
  form_param_missing: {
    status: 422,
    message: 'is missing',
    longMessage: param((name) => `${name} must be included.`),
  },
  form_param_unknown: {
    status: 422,
    message: 'is unknown',
    longMessage: param((name) => `${name} is not a valid parameter for this request.`),
  },
  form_param_value_invalid: {
    status: 422,
    message: 'is invalid',
    longMessage: param((name) => `${name} does not have an allowed value.`),
  },
  form_param_value_too_large: {
    status: 422,
    message: 'is too large',
    longMessage: param((name) => `${name} is greater than allowed.`),
  },
  internal_clerk_error: {
    status: 500,
    message: 'Oops, an unexpected error occurred',
    longMessage: 'An unexpected error occurred in this service. Its cause is in the logs, under the trace id.',
  },
  invalid_handshake: {
    status: 400,
    message: 'invalid handshake',
    longMessage: `The redirect_url must be a page of an allowed origin, in at most ${limits.handshakeRedirectUrlBytes} characters.`,
  },
  method_not_allowed: {
    status: 405,
    message: 'Method not allowed',
    longMessage: 'This path does not have this method. The Allow header names its methods.',
  },
  missing_query_parameter: {
    status: 400,
    message: 'Missing query parameter',
    longMessage: 'A query parameter that this request needs is missing.',
  },
  multiple_authorization_header_values_forbidden: {
    status: 400,
    message: 'multiple Authorization header values',
    longMessage: 'The request carries several Authorization values. Send one.',
  },
  multiple_origin_header_values_forbidden: {
    status: 400,
    message: "Multiple 'Origin' header values",
    longMessage: "The 'Origin' header must have one value.",
  },
  native_api_disabled: {
    status: 400,
    message: 'The Native API is disabled for this instance',
    longMessage: 'Native applications are not allowed here. Set nativeClients in the configuration of the deployment.',
  },
  not_allowed_access: {
    status: 403,
    message: 'Access not allowed',
    longMessage: 'This request is not allowed.',
  },
  organization_not_found_or_unauthorized: {
    status: 404,
    message: 'not found or unauthorized',
    longMessage: 'This organization was not found: there are no organizations here.',
  },
  origin_authorization_headers_conflict: {
    status: 400,
    message: "Setting both the 'Origin' and 'Authorization' headers is forbidden",
    longMessage: "Browsers send 'Origin', native applications 'Authorization'; a request must not have both.",
  },
  origin_invalid: {
    status: 400,
    message: 'Invalid HTTP Origin header',
    longMessage:
      'Pages of this origin may not call the Frontend API. Add the origin to the allowed origins of the deployment.',
  },
  request_body_invalid: {
    status: 400,
    message: 'Request body invalid',
    longMessage: 'The request body could not be read. Please check that it is well-formed.',
  },
  request_body_too_large: {
    status: 413,
    message: 'Request body too large',
    longMessage: `The request body is larger than ${limits.bodyBytes} bytes.`,
  },
  resource_not_found: {
    status: 404,
    message: 'not found',
    longMessage: 'The resource was not found.',
  },
  service_unavailable: {
    status: 503,
    message: 'Service unavailable',
    longMessage: 'A service that this request needs does not answer. Please try again.',
  },
  signed_out: {
    status: 401,
    message: 'Signed out',
    longMessage: 'You are signed out.',
  },
  ticket_expired_code: {
    status: 400,
    message: 'ticket has expired',
    longMessage: 'This ticket has expired and cannot be used anymore. Please request a new one.',
  },
  ticket_invalid_code: {
    status: 400,
    message: 'ticket is invalid',
    longMessage: 'This ticket is invalid. Make sure that this instance issued it, and that it was copied completely.',
  },
  too_many_requests: {
    status: 429,
    message: 'Too many requests',
    longMessage: 'Too many requests at the same time. Please retry after the number of seconds in Retry-After.',
  },
  unsupported_content_type: {
    status: 415,
    message: 'Content-Type is unsupported',
    longMessage: 'This Content-Type is not supported.',
  },
  user_banned: {
    status: 403,
    message: 'User banned',
    longMessage: 'This user is banned, so nobody can sign in as them.',
  },
};

/** The cause and what to do, for people: the error's own sentence, or that of its code. */
export function longMessageOf({ code, meta, sentence }: ErrorItem): string {
  const { longMessage } = errorCatalogue[code];
  return sentence ?? (typeof longMessage === 'string' ? longMessage : longMessage(meta ?? {}));
}
