import { config } from '../base/config.ts';
import { parseParams } from '../base/params.ts';
import type { Actor, ActorToken } from './actor-token.ts';
import { createActorTokenBody } from './actor-token-schema.ts';
import type { CreateActorToken } from './create-actor-token.ts';

const createBody = createActorTokenBody({ ticket: config.maxTicketLife, session: config.maxSessionDuration });

/** @throws the `form_param_…` codes of `parseParams` */
export function parseCreateActorToken(body: unknown): CreateActorToken {
  const params = parseParams(createBody, body);
  return {
    userId: params.user_id,
    actor: params.actor as Actor,
    expiresInSeconds: params.expires_in_seconds,
    sessionMaxDurationInSeconds: params.session_max_duration_in_seconds,
  };
}

/** The `actor_token` object. With a ticket, which is known only at creation, it also carries `token` and `url`. */
export function actorTokenJson(token: ActorToken, ticket?: string) {
  return {
    object: 'actor_token',
    id: token.id,
    status: token.status,
    user_id: token.userId,
    actor: token.actor,
    ...(ticket === undefined
      ? {}
      : { token: ticket, url: `${config.frontendApiUrl}/v1/tickets/accept?ticket=${ticket}` }),
    created_at: token.createdAt,
    updated_at: token.updatedAt,
  } as const;
}
