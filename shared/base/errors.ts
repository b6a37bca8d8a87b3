/**
 * The errors that callers get. Codes are Clerk's published ones (Clerk's public error catalogue), suffix `_code` included;
 * the status and texts of each are in http/error-catalogue.ts.
 */
export type ErrorCode =
  | 'actor_token_already_used_code'
  | 'actor_token_cannot_be_revoked_code'
  | 'actor_token_cannot_be_used_code'
  | 'actor_token_not_in_sign_in_code'
  | 'actor_token_revoked_code'
  | 'actor_token_subject_not_found'
  | 'api_version_invalid'
  | 'authentication_invalid'
  | 'authorization_header_format_invalid'
  | 'authorization_invalid'
  | 'clerk_key_invalid'
  | 'form_conditional_param_missing'
  | 'form_identifier_exists'
  | 'form_param_array_size_exceeded'
  | 'form_param_duplicate'
  | 'form_param_exceeds_allowed_size'
  | 'form_param_format_invalid'
  | 'form_param_missing'
  | 'form_param_unknown'
  | 'form_param_value_invalid'
  | 'form_param_value_too_large'
  | 'internal_clerk_error'
  | 'invalid_handshake'
  | 'method_not_allowed'
  | 'missing_query_parameter'
  | 'multiple_authorization_header_values_forbidden'
  | 'multiple_origin_header_values_forbidden'
  | 'native_api_disabled'
  | 'not_allowed_access'
  | 'organization_not_found_or_unauthorized'
  | 'origin_authorization_headers_conflict'
  | 'origin_invalid'
  | 'request_body_invalid'
  | 'request_body_too_large'
  | 'resource_not_found'
  | 'service_unavailable'
  | 'signed_out'
  | 'ticket_expired_code'
  | 'ticket_invalid_code'
  | 'too_many_requests'
  | 'unsupported_content_type'
  | 'user_banned';

/**
 * Public facts about one error. The current major of `@clerk/backend` hands on these names and no others. `kind` and `title` say what
 * refused a request, and `description` why, for a program; the sentence of the error says it for people.
 */
export interface ErrorMeta {
  readonly param_name?: string;
  readonly session_id?: string;
  readonly kind?: string;
  readonly title?: string;
  readonly description?: string;
}

export interface ErrorItem {
  readonly code: ErrorCode;
  readonly meta?: ErrorMeta;
  /** Replaces the sentence of the catalogue with a more precise one. It is public and never contains a secret. */
  readonly sentence?: string;
}

/** An error that the caller gets. Any other thrown value is a fault of this product, and is answered without detail. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly items: readonly [ErrorItem, ...ErrorItem[]];

  constructor(item: ErrorItem | ErrorCode, ...more: readonly ErrorItem[]) {
    const first: ErrorItem = typeof item === 'string' ? { code: item } : item;
    super(first.code);
    this.items = [first, ...more];
  }

  /** The same error with its cause, which is logged and never answered. */
  causedBy(cause: unknown): this {
    this.cause = cause;
    return this;
  }

  get code(): ErrorCode {
    return this.items[0].code;
  }
}
