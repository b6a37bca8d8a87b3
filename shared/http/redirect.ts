import { config } from '../config.ts';

const LONGEST_URL = 2048;

/**
 * A URL to which a browser may be sent with a credential: a page of an allowed origin, compared whole. Parsed as browsers do,
 * and only what was parsed is ever sent on, so that no spelling means one page here and another one there.
 */
export function allowedRedirect(text: string | null): URL | undefined {
  if (text === null || text.length > LONGEST_URL || /[\s\\]/.test(text) || !/^https?:\/\//i.test(text))
    return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.username === '' && url.password === '';
  return url && isPlain && config.allowedOrigins.has(url.origin) ? url : undefined;
}
