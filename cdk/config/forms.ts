// The forms of configured values. The message of each is the text after "write" in the sentence that refuses another value.
import * as v from 'valibot';

/** Returns whether requests to this URL are encrypted or never leave the machine. */
export function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1'].includes(hostname));
}

/** Returns whether this is the URL of a page, or the e-mail address of one person or group as a URL. */
export function isHelpUrl(text: string): boolean {
  return isSafeUrl(text) || /^mailto:[\w.+-]+@[\w-]+(?:\.[\w-]+)+$/.test(text);
}

/** Returns whether a browser sends exactly this text as `Origin`. */
export function isOrigin(text: string): boolean {
  return isSafeUrl(text) && new URL(text).origin === text && !text.includes('*');
}

/**
 * Returns whether this is a URL to which paths can be appended. It must be normalized: that of the Frontend API is the issuer of session
 * tokens, and its path is the `Path` of the client's cookie.
 */
export function isBaseUrl(text: string): boolean {
  if (!isSafeUrl(text)) return false;
  const { origin, pathname } = new URL(text);
  return text === origin + pathname.replace(/\/$/, '') && /^(?:\/[\w.~-]+)*\/?$/.test(pathname);
}

/** A text that `isAllowed` accepts. */
export function text(isAllowed: (text: string) => boolean, expected: string) {
  return v.pipe(v.string(expected), v.check(isAllowed, expected));
}

/** A whole number between the bounds, both included. */
export function integer(expected: string, { min = 1, max = Number.MAX_SAFE_INTEGER } = {}) {
  return v.pipe(v.number(expected), v.safeInteger(expected), v.minValue(min, expected), v.maxValue(max, expected));
}

const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/** A domain name without scheme and port. */
export function domain(example: string) {
  return text(
    (name) => DOMAIN.test(name),
    `a domain in lower case without scheme, port or leading dot, such as ${example}`,
  );
}

const EXAMPLE_CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/0f1e2d3c-…';

/** The ARN of an ACM certificate in any Region. */
export function certificate() {
  return text(
    (arn) => /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/.test(arn),
    `the ARN of an ACM certificate in the stack's Region, such as ${EXAMPLE_CERTIFICATE}`,
  );
}

/** The ARN of an ACM certificate in us-east-1, the only Region that CloudFront reads certificates from. */
export function cloudFrontCertificate() {
  return text(
    (arn) => /^arn:aws[a-z-]*:acm:us-east-1:\d{12}:certificate\/[\w-]+$/.test(arn),
    `the ARN of an ACM certificate in us-east-1, where CloudFront needs it, such as ${EXAMPLE_CERTIFICATE}`,
  );
}

/** The numbers of the keys of one kind; the first one signs. */
export function keyNumbers() {
  const expected = 'up to 5 different numbers from 1, beginning with the one that signs, such as [2, 1]';
  return v.pipe(
    v.array(integer(expected), expected),
    v.check((numbers) => numbers.length >= 1 && numbers.length <= 5, expected),
    v.check((numbers) => new Set(numbers).size === numbers.length, expected),
    v.transform(([first = 1, ...others]): readonly [number, ...number[]] => [first, ...others]),
  );
}
