// What requests are refused with.
import type { ErrorCode } from '../../../shared/base/errors.ts';
import { errorCatalogue } from '../../../shared/http/error-catalogue.ts';
import { component } from './components.ts';
import type { JsonSchema } from './json-schema.ts';

type Codes = readonly ErrorCode[];

const BODY = ['request_body_invalid', 'request_body_too_large', 'unsupported_content_type'] as const satisfies Codes;

/** Codes that several operations have for the same reason. */
export const codes = {
  /** The first where a CloudFront stands in front of the API, and was gone around. */
  always: ['authorization_invalid', 'internal_clerk_error'],
  aws: ['too_many_requests', 'service_unavailable'],
  backend: [
    'api_version_invalid',
    'authentication_invalid',
    'authorization_header_format_invalid',
    'clerk_key_invalid',
  ],
  frontend: [
    'api_version_invalid',
    'multiple_authorization_header_values_forbidden',
    'multiple_origin_header_values_forbidden',
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
    'actor_token_revoked_code',
    'actor_token_subject_not_found',
    'user_banned',
  ],
} as const satisfies Record<string, Codes>;

/** The envelope with nothing but these codes in it. */
function envelope(own: Codes): JsonSchema {
  const items = { properties: { code: { enum: own } } };
  return { allOf: [component('Errors'), { properties: { errors: { items } } }] };
}

/** What is answered to any request, and so told once. */
export const traceId = { 'Clerk-Trace-Id': { $ref: '#/components/headers/TraceId' } };

const retryAfter = { 'Retry-After': { description: 'In seconds.', required: true, schema: { type: 'integer' } } };

/** The codes of one status, as a request can be refused with any of them. */
export interface Refusal {
  readonly status: number;
  readonly codes: Codes;
}

/** One for each status of these codes, in order. */
export function refusalsOf(all: Codes): readonly Refusal[] {
  const byStatus = Map.groupBy([...new Set(all)].sort(), (code) => errorCatalogue[code].status);
  return [...byStatus].map(([status, own]) => ({ status, codes: own }));
}

/** Names a refusal by its codes, so that whoever meets a reference need not follow it. */
export function refusalName(refusal: Refusal): string {
  return refusal.codes.join('-or-');
}

/** The answer to a request that is refused so; people get a page in place of the envelope where the operation is for them. */
export function refusalResponse({ status, codes }: Refusal, isForPeople: boolean): object {
  return {
    description: codes.map((code) => `\`${code}\``).join(', '),
    headers: { ...(status === 429 || status === 503 ? retryAfter : {}), ...traceId },
    content: {
      'application/json': { schema: envelope(codes) },
      ...(isForPeople && { 'text/html': { schema: { type: 'string' } } }),
    },
  };
}
