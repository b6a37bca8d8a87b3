/** The publishable key, by which Clerk's clients find the instance. Source of the form: Clerk's public documentation, API keys. */
export function publishableKeyOf(frontendApiUrl: URL): string {
  return `pk_live_${Buffer.from(`${frontendApiUrl.host}$`).toString('base64')}`;
}
