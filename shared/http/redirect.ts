import type { Instance } from '../base/instance.ts';
import { limits } from '../base/limits.ts';

/** Printable ASCII without the backslash, which browsers treat as a slash. Every other character arrives percent-encoded. */
const PLAIN = /^[\x21-\x5b\x5d-\x7e]+$/;

/**
 * The page that a browser may be redirected to: the one `redirect_url` of a query or a form, if it has an allowed origin, as the URL parser
 * reads it. Undefined for any other. Origins are compared exactly.
 *
 * Source of the grammar: WHATWG URL.
 */
export function allowedRedirect(
  query: URLSearchParams,
  { allowedOrigins }: Instance,
  maxBytes: number = limits.redirectUrlBytes,
): URL | undefined {
  const [text = '', ...more] = query.getAll('redirect_url');
  const isPlain = more.length === 0 && text.length <= maxBytes && PLAIN.test(text);
  if (!isPlain || !/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isAllowed = allowedOrigins.has(url.origin) && url.username === '' && url.password === '';
  return isAllowed && url.href.length <= maxBytes ? url : undefined;
}
