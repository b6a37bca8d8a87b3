interface CookieAttributes {
  readonly path: string;
  /** Undefined makes the cookie host-only. */
  readonly domain?: string | undefined;
  /** 0 deletes the cookie. */
  readonly maxAgeInSeconds: number;
  /** Hides the cookie from scripts. */
  readonly httpOnly?: boolean;
}

/** The value of a `Set-Cookie` header (RFC 6265bis section 4.1). Every cookie is `Secure` and `SameSite=Lax`. */
export function setCookie(name: string, value: string, attributes: CookieAttributes): string {
  const { path, domain, maxAgeInSeconds, httpOnly = false } = attributes;
  return [
    `${name}=${value}`,
    `Path=${path}`,
    ...(domain === undefined ? [] : [`Domain=${domain}`]),
    `Max-Age=${maxAgeInSeconds}`,
    ...(httpOnly ? ['HttpOnly'] : []),
    'Secure',
    'SameSite=Lax',
  ].join('; ');
}
