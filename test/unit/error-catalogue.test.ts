import { describe, expect, test } from 'vitest';
import { ApiError, type ErrorCode } from '../../shared/base/errors.ts';
import { answerError } from '../../shared/http/answer-error.ts';
import { errorCatalogue } from '../../shared/http/error-catalogue.ts';

const codes = Object.keys(errorCatalogue) as ErrorCode[];

/** The published status of each code. */
const published: Readonly<Record<ErrorCode, number>> = {
  actor_token_already_used_code: 400,
  actor_token_cannot_be_revoked_code: 400,
  actor_token_cannot_be_used_code: 400,
  actor_token_not_in_sign_in_code: 400,
  actor_token_revoked_code: 400,
  actor_token_subject_not_found: 404,
  api_version_invalid: 400,
  authentication_invalid: 401,
  authorization_header_format_invalid: 401,
  authorization_invalid: 403,
  clerk_key_invalid: 401,
  form_conditional_param_missing: 422,
  form_identifier_exists: 422,
  form_param_array_size_exceeded: 422,
  form_param_duplicate: 422,
  form_param_exceeds_allowed_size: 422,
  form_param_format_invalid: 422,
  form_param_missing: 422,
  form_param_unknown: 422,
  form_param_value_invalid: 422,
  form_param_value_too_large: 422,
  internal_clerk_error: 500,
  invalid_handshake: 400,
  method_not_allowed: 405,
  missing_query_parameter: 400,
  multiple_authorization_header_values_forbidden: 400,
  multiple_origin_header_values_forbidden: 400,
  native_api_disabled: 400,
  not_allowed_access: 403,
  organization_not_found_or_unauthorized: 404,
  origin_authorization_headers_conflict: 400,
  origin_invalid: 400,
  request_body_invalid: 400,
  request_body_too_large: 413,
  resource_not_found: 404,
  service_unavailable: 503,
  signed_out: 401,
  ticket_expired_code: 400,
  ticket_invalid_code: 400,
  too_many_requests: 429,
  unsupported_content_type: 415,
  user_banned: 403,
};

test('every code has its published status', () => {
  const statuses = Object.fromEntries(codes.map((code) => [code, errorCatalogue[code].status]));

  expect(statuses).toEqual(published);
});

describe.each(codes)('%s', (code) => {
  test('an error is answered in the published envelope, with texts that are sentences', () => {
    const answer = answerError(new ApiError({ code, meta: { param_name: 'some_name' } }), 'trace');

    expect(answer).toMatchObject({ status: errorCatalogue[code].status });
    expect(answer.body).toEqual({
      errors: [
        {
          code,
          message: expect.stringMatching(/^\S.*\S$/),
          long_message: expect.stringMatching(/^[A-Za-z].{10,}\.$/s),
          meta: { param_name: 'some_name' },
        },
      ],
      clerk_trace_id: 'trace',
    });
  });

  test('an error without a parameter has a sentence and no meta', () => {
    const { body } = answerError(new ApiError(code), 'trace') as { body: { errors: [Record<string, string>] } };

    expect(body.errors[0].long_message).toMatch(/^[A-Z].{10,}\.$/s);
    expect(body.errors[0].long_message).not.toMatch(/undefined|null|\[object/);
    expect(body.errors[0]).not.toHaveProperty('meta');
  });

  test('an error says when to try again if that helps', () => {
    const { headers } = answerError(new ApiError(code), 'trace');

    const isPassing = [429, 503].includes(errorCatalogue[code].status);
    expect(headers).toEqual(isPassing ? { 'retry-after': expect.stringMatching(/^[1-9]\d*$/) } : {});
  });
});

test('an error of several faults names them all, in order, under the status of the first', () => {
  const error = new ApiError(
    { code: 'form_param_missing', meta: { param_name: 'a' } },
    { code: 'form_param_unknown', meta: { param_name: 'b' }, sentence: 'b is a letter.' },
  );

  const { status, body } = answerError(error, 'trace');

  expect(status).toBe(422);
  expect(body).toMatchObject({
    errors: [
      { code: 'form_param_missing', long_message: 'a must be included.', meta: { param_name: 'a' } },
      { code: 'form_param_unknown', long_message: 'b is a letter.', meta: { param_name: 'b' } },
    ],
  });
});
