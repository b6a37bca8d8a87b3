import { marshall } from '@aws-sdk/util-dynamodb';
import * as v from 'valibot';
import { config } from '../base/config.ts';
import { type ClientId, isId, type SessionId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { DAY_IN_SECONDS, epochMs, toNumericDate } from '../base/time.ts';
import { getItem } from '../storage/read.ts';
import type { Item } from '../storage/write.ts';
import type { Client } from './client.ts';

const record = v.object({
  id: v.custom<ClientId>((id) => isId('client', id)),
  secret_hash: v.string(),
  session_id: v.custom<SessionId>((id) => isId('sess', id)),
  session_expire_at: v.number(),
  rotated_at: v.number(),
  generation: v.number(),
  created_at: v.number(),
});

/** @throws when the stored item is not a client */
export function clientFrom(item: Item): Client {
  const stored = v.parse(record, item);
  return {
    id: stored.id,
    secretHash: stored.secret_hash,
    sessionId: stored.session_id,
    sessionExpireAt: epochMs(stored.session_expire_at),
    rotatedAt: epochMs(stored.rotated_at),
    generation: stored.generation,
    createdAt: epochMs(stored.created_at),
  };
}

/** The attributes a sign-in writes; `ttl` outlives the cookie, which no browser keeps longer. */
export function clientAttributes(client: Client) {
  return {
    secret_hash: client.secretHash,
    session_id: client.sessionId,
    session_expire_at: client.sessionExpireAt,
    rotated_at: client.rotatedAt,
    ttl: toNumericDate(client.rotatedAt) + limits.clientCookieLifeInSeconds + DAY_IN_SECONDS,
  };
}

export function clientItem(client: Client) {
  const { id, generation, createdAt } = client;
  return marshall({ id, generation, created_at: createdAt, ...clientAttributes(client) });
}

/** The client as it is now (strongly consistent), or undefined; one of another generation does not exist. */
export async function getClient(id: ClientId): Promise<Client | undefined> {
  const item = await getItem(config.tables.clients, { id });
  const client = item && clientFrom(item);
  return client?.generation === config.generation ? client : undefined;
}
