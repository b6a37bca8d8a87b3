// docs: own-link
import { createClerkClient } from '@clerk/backend';

/** The support tool's backend, with the token that the operator's browser sent to it. */
export async function createOwnLink(operatorToken: string, apiUrl: string, userId: string, sub: string) {
  const clerk = createClerkClient({ secretKey: operatorToken, apiUrl });
  const params = { userId, actor: { sub }, reason: 'Case 4711: invoice not visible' };
  const { url } = await clerk.actorTokens.create({ ...params, expiresInSeconds: 60, sessionMaxDurationInSeconds: 900 });
  return url;
}
// end
