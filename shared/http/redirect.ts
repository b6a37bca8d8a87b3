import { config } from '../base/config.ts';
import { limits } from '../base/limits.ts';

/** Printable ASCII but for the backslash, which browsers take for a slash. Anything else arrives percent-encoded. */
const PLAIN = /^[\x21-\x5b\x5d-\x7e]+$/;

/**
 * Where a browser may be sent on: the one `redirect_url` of the query, if it leads to an allowed origin, as the URL parser
 * understood it. Undefined for any other.
 *
 * Source of the grammar: WHATWG URL; origins are compared whole.
 */
export function allowedRedirect(query: URLSearchParams): URL | undefined {
  const [text = '', ...more] = query.getAll('redirect_url');
  const isPlain = more.length === 0 && text.length <= limits.redirectUrlBytes && PLAIN.test(text);
  if (!isPlain || !/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isAllowed = config.allowedOrigins.has(url.origin) && url.username === '' && url.password === '';
  return isAllowed && url.href.length <= limits.redirectUrlBytes ? url : undefined;
}
