import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import type { Call } from '../base/call.ts';
import { type ClientId, idSchema } from '../base/ids.ts';
import type { Instance } from '../base/instance.ts';
import { limits } from '../base/limits.ts';
import { DAY_IN_SECONDS, toNumericDate } from '../base/time.ts';
import { instant, recordFrom } from '../storage/attributes.ts';
import type { Item } from '../storage/item.ts';
import { getItem } from '../storage/read.ts';
import { type Client, hasCurrentSecret, type PresentedClient } from './client.ts';
import { StaleClientError } from './stale-client.ts';

const record = v.object({
  id: idSchema('client'),
  secret_hash: v.string(),
  session_id: idSchema('sess'),
  session_expire_at: instant,
  user_id: idSchema('user'),
  block_ids: v.optional(v.array(idSchema('blid')), []),
  rotated_at: instant,
  generation: v.number(),
  created_at: instant,
});

/** @throws `service_unavailable` when the item is not a client */
function clientFrom(item: Item): Client {
  const stored = recordFrom(record, item);
  return {
    id: stored.id,
    secretHash: stored.secret_hash,
    sessionId: stored.session_id,
    sessionExpireAt: stored.session_expire_at,
    userId: stored.user_id,
    blockIds: stored.block_ids,
    rotatedAt: stored.rotated_at,
    generation: stored.generation,
    createdAt: stored.created_at,
  };
}

/** The attributes that each sign-in changes. `ttl` is one day after the expiry of the cookie. */
export function signInAttributes(client: Client) {
  return {
    secret_hash: client.secretHash,
    session_id: client.sessionId,
    session_expire_at: client.sessionExpireAt,
    user_id: client.userId,
    block_ids: client.blockIds,
    rotated_at: client.rotatedAt,
    ttl: toNumericDate(client.rotatedAt) + limits.clientCookieLifeInSeconds + DAY_IN_SECONDS,
  };
}

/** The item of a new client. */
export function clientItem(client: Client) {
  const { id, generation, createdAt } = client;
  return marshall({ id, generation, created_at: createdAt, ...signInAttributes(client) });
}

/** The client as it is now (strongly consistent), or undefined. A client of another generation is ignored. */
export async function getClient(instance: Instance, id: ClientId): Promise<Client | undefined> {
  const item = await getItem(instance, instance.tables.clients, { id });
  const client = item && clientFrom(item);
  return client?.generation === instance.generation ? client : undefined;
}

/**
 * The client that a browser claims to be, if it presents the latest secret; undefined for an unknown client.
 *
 * @throws StaleClientError (`authentication_invalid`) for a secret that was replaced
 */
export async function getCurrentClient(
  presented: PresentedClient,
  { instance, now }: Call,
): Promise<Client | undefined> {
  const client = await getClient(instance, presented.id);
  if (client && !hasCurrentSecret(client, presented)) throw new StaleClientError(client.rotatedAt, now);
  return client;
}
