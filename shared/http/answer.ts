import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

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
