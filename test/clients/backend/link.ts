// docs: link
import { createClerkClient } from '@clerk/backend';

export async function createLink(secretKey: string, apiUrl: string, userId: string) {
  const clerk = createClerkClient({ secretKey, apiUrl }); // under npm start: http://127.0.0.1:3000
  const actor = { sub: 'user_support' };
  const { url } = await clerk.actorTokens.create({ userId, actor, expiresInSeconds: 600 });
  return url;
}
// end
