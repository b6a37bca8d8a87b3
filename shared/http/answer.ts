import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { ApiError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';

/** What an operation answers; status 200 unless told. */
export interface Answer {
  readonly status?: number;
  /** Sent as JSON; undefined for no body. */
  readonly body?: object | undefined;
  /** Sent as it is, in place of `body`; `headers` say what it is. */
  readonly text?: string;
  readonly cookies?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * A list, if Lambda can answer with it: beyond 6 MB, counted with the escapes of JSON inside JSON, the caller would be told
 * nothing. Source: AWS Lambda Developer Guide, quotas.
 *
 * @throws `form_param_value_too_large` naming `limit`
 */
export function checkAnswerSize<Body extends readonly object[]>(body: Body): Body {
  if (Buffer.byteLength(JSON.stringify(JSON.stringify(body))) <= limits.answerBytes) return body;
  const sentence = 'What was asked for makes an answer of over 6 MB. Ask with a smaller limit.';
  throw new ApiError({ code: 'form_param_value_too_large', meta: { param_name: 'limit' }, sentence });
}

/** Nothing we answer may be kept, framed, sniffed or run. */
const SAFE_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
} as const;

/** The Lambda result of an answer. The content type carries no charset: with one, `@clerk/backend` reads JSON as text. */
export function httpResult(
  { status = 200, body, text, cookies = [], headers = {} }: Answer,
  more: Readonly<Record<string, string>>,
): APIGatewayProxyStructuredResultV2 {
  const content = text ?? (body && JSON.stringify(body));
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  return {
    statusCode: status,
    headers: { ...SAFE_HEADERS, ...type, ...more, ...headers },
    cookies: [...cookies],
    ...(content === undefined ? {} : { body: content }),
  };
}
