import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';

/** The answer of an operation. */
export interface Answer {
  /** 200 by default. */
  readonly status?: number;
  /** Sent as JSON; undefined for no body. */
  readonly body?: object | undefined;
  /** Sent as it is, in place of `body`; its content type is in `headers`. */
  readonly text?: string;
  /** Sent as they are, in place of `text`. */
  readonly bytes?: Buffer;
  readonly cookies?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Default headers: no caching, framing, MIME sniffing or script execution. A page of another origin loads no answer as a part of itself
 * (`cross-origin-resource-policy`, Fetch section 3.7); a request with CORS, as clerk-js sends it, is not affected.
 */
const SAFE_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'strict-transport-security': 'max-age=31536000',
  'x-content-type-options': 'nosniff',
} as const;

/**
 * The Lambda result of an answer. The content type carries no charset: with one, `@clerk/backend` reads JSON as text.
 *
 * @param common headers of every answer to this request; those of the answer take precedence
 */
export function httpResult(
  { status = 200, body, text, bytes, cookies = [], headers = {} }: Answer,
  common: Readonly<Record<string, string>>,
): APIGatewayProxyStructuredResultV2 {
  const content = text ?? (body && JSON.stringify(body));
  const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
  return {
    statusCode: status,
    headers: { ...SAFE_HEADERS, ...type, ...common, ...headers },
    cookies: [...cookies],
    ...(content === undefined ? {} : { body: content }),
    ...(bytes && { body: bytes.toString('base64'), isBase64Encoded: true }),
  };
}
