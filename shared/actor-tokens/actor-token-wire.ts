import * as v from 'valibot';
import { config } from '../config.ts';
import { limits } from '../limits.ts';
import { integerBetween, jsonObject, parseParams, printableString } from '../params.ts';
import type { Actor, ActorToken } from './actor-token.ts';
import type { CreateActorToken } from './create-actor-token.ts';

const actorSub = printableString({ max: limits.actorSubLength });

const actor = v.pipe(
  jsonObject({ maxBytes: limits.actorBytes }),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { sub } = dataset.value;
    const checked = v.safeParse(actorSub, sub);
    const message = sub === undefined ? 'form_param_missing' : checked.issues?.[0].message;
    if (message === undefined) return;
    addIssue({ message, path: [{ type: 'object', origin: 'value', input: dataset.value, key: 'sub', value: sub }] });
  }),
);

const createActorTokenBody = v.strictObject({
  user_id: printableString({ max: 256 }),
  actor,
  expires_in_seconds: v.nullish(integerBetween(limits.ticketLife), limits.ticketLife.default),
  session_max_duration_in_seconds: v.nullish(
    integerBetween(limits.sessionMaxDuration),
    limits.sessionMaxDuration.default,
  ),
});

/** @throws the `form_param_…` codes of `parseParams` */
export function parseCreateActorToken(body: unknown): CreateActorToken {
  const params = parseParams(createActorTokenBody, body);
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
