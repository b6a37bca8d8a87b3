// docs: backend
import { type ClerkClient, createClerkClient } from '@clerk/backend';
// end
import type { AppOptions } from './app-options.ts';

// docs: backend
export function openClerk({ publishableKey, secretKey, apiUrl }: Omit<AppOptions, 'origin'>): ClerkClient {
  return createClerkClient({ publishableKey, secretKey, apiUrl });
}

export async function createLink(clerk: ClerkClient, userId: string, actorSub: string): Promise<string> {
  const { url } = await clerk.actorTokens.create({ userId, actor: { sub: actorSub }, expiresInSeconds: 600 });
  return url ?? '';
}

export async function answerMe(clerk: ClerkClient, request: Request, origin: string): Promise<Response> {
  const state = await clerk.authenticateRequest(request, { authorizedParties: [origin] });
  if (state.status === 'handshake') return new Response(null, { status: 307, headers: state.headers });
  const { userId, actor } = state.toAuth() ?? {};
  return userId ? Response.json({ userId, actor }) : Response.json({ error: 'signed_out' }, { status: 401 });
}
// end
