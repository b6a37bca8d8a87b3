import { createClerkClient } from '@clerk/backend';
import type { LocalInstance } from '../local/instance.ts';

export interface LinkParams {
  readonly userId?: string | undefined;
  readonly expiresInSeconds?: number;
}

/** Creates an actor token, by default for the first user, and returns its id and its link, which signs in as that user. */
export async function createLink(
  { secretKey, baseUrl, userIds }: LocalInstance,
  actorSub: string,
  { userId = userIds[0] ?? '', expiresInSeconds = 3600 }: LinkParams = {},
): Promise<{ readonly id: string; readonly url: string }> {
  const clerk = createClerkClient({ secretKey, apiUrl: baseUrl, telemetry: { disabled: true } });
  const { id, url } = await clerk.actorTokens.create({ userId, actor: { sub: actorSub }, expiresInSeconds });
  if (!url) throw new Error('The actor token has no link.');
  return { id, url };
}
