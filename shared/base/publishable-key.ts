/** Names the instance to Clerk's clients. Source of the form: Clerk's public documentation, API keys. */
export function publishableKeyOf(frontendApiUrl: URL): string {
  return `pk_live_${Buffer.from(`${frontendApiUrl.host}$`).toString('base64')}`;
}
