import type { ErrorCode } from '../shared/base/errors.ts';

type Codes = readonly ErrorCode[];

const BODY = ['request_body_invalid', 'request_body_too_large', 'unsupported_content_type'] as const satisfies Codes;

/** Error codes that several operations answer for the same reason. */
export const codes = {
  /** `authorization_invalid`: where CloudFront is configured, for a request that did not come through it. */
  always: ['authorization_invalid', 'internal_clerk_error'],
  /** The errors of every Lambda that calls AWS. */
  aws: ['too_many_requests', 'service_unavailable'],
  backend: [
    'api_version_invalid',
    'authentication_invalid',
    'authorization_header_format_invalid',
    'clerk_key_invalid',
  ],
  /** The errors of every operation that needs a scope of the secret key. */
  scope: ['not_allowed_access'],
  frontend: [
    'api_version_invalid',
    'multiple_authorization_header_values_forbidden',
    'multiple_origin_header_values_forbidden',
    'native_api_disabled',
    'origin_authorization_headers_conflict',
    'origin_invalid',
  ],
  public: [],
  knownClient: ['authentication_invalid', 'signed_out'],
  form: BODY,
  json: [...BODY, 'form_param_unknown'],
  query: ['form_param_duplicate', 'form_param_unknown', 'form_param_value_invalid', 'form_param_value_too_large'],
  ticket: ['ticket_expired_code', 'ticket_invalid_code'],
  redemption: [
    'actor_token_already_used_code',
    'actor_token_cannot_be_used_code',
    'actor_token_revoked_code',
    'actor_token_subject_not_found',
    'not_allowed_access',
    'user_banned',
  ],
} as const satisfies Record<string, Codes>;
