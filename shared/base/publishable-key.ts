/**
 * Returns the host that a publishable key names. Clerk's clients accept only a host with a dot, so a name without one, such as
 * `localhost`, gets the dot at its end, which names the same host. Source: RFC 1034, section 3.1.
 */
export function hostInKey(host: string): string {
  return host.replace(/^[\w-]+(?=:|$)/, '$&.');
}

/** The publishable key, by which Clerk's clients find the instance. Source of the form: Clerk's public documentation, API keys. */
export function publishableKeyOf(frontendApiUrl: URL): string {
  return `pk_live_${Buffer.from(`${hostInKey(frontendApiUrl.host)}$`).toString('base64')}`;
}
