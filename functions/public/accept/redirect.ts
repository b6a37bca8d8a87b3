import { config } from '../../../shared/config.ts';
import { limits } from '../../../shared/limits.ts';

/** Printable ASCII but for the backslash, which browsers take for a slash. Anything else arrives percent-encoded. */
const PLAIN = /^[\x21-\x5b\x5d-\x7e]+$/;

/**
 * Where the app may go after the sign-in: the one `redirect_url` of the query, if it leads to an allowed origin, as the URL
 * parser understood it. Any other is dropped, not refused: the sign-in does not depend on it, and a link with a wrong one
 * still leads to where the app goes by itself.
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
