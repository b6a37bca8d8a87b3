// Reads the parameters of requests about actor tokens, and writes actor tokens as they are answered.
import * as v from 'valibot';
import { ApiError } from '../base/errors.ts';
import { type Instance, perInstance } from '../base/instance.ts';
import { limits } from '../base/limits.ts';
import type { Operator } from '../base/operators.ts';
import {
  asPrintableText,
  integerBetween,
  isPlainObject,
  jsonObject,
  parseParams,
  printableString,
} from '../base/params.ts';
import type { Actor, ActorToken } from './actor-token.ts';
import type { actorTokenAnswer } from './actor-token-answer.ts';
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
  v.metadata({
    properties: {
      sub: { type: 'string', minLength: 1, maxLength: limits.actorSubLength, ...asPrintableText },
    },
    required: ['sub'],
  }),
);

const reason = printableString({ max: limits.reasonLength });

/** The longest durations that a deployment allows. */
type LongestDurations = Pick<Instance, 'maxTicketLifeInSeconds' | 'maxSessionDurationInSeconds'>;

type DurationLimit = Readonly<Record<'min' | 'default' | 'maxByDefault', number>>;

/** Up to this deployment's maximum. */
function secondsUpTo(max: number, limit: DurationLimit) {
  const seconds = v.pipe(
    integerBetween({ min: limit.min, max }),
    v.metadata({ default: Math.min(limit.default, max) }),
    v.description(
      `Each deployment has its own maximum. It is ${limit.maxByDefault} where none is configured. A policy can have a lower maximum. A ` +
        'longer default is then shortened to it.',
    ),
  );
  return v.nullish(seconds);
}

/** The body of `POST /v1/actor_tokens` in a deployment with these maxima. */
export function createActorTokenBody({ maxTicketLifeInSeconds, maxSessionDurationInSeconds }: LongestDurations) {
  return v.strictObject({
    user_id: v.pipe(
      printableString({ max: limits.userIdLength }),
      v.description('The id of the user, or the external id.'),
    ),
    actor,
    reason: v.nullish(
      v.pipe(reason, v.description('Why the actor acts as the user. Default: `actor.reason`, if it is a text.')),
    ),
    expires_in_seconds: secondsUpTo(maxTicketLifeInSeconds, limits.ticketLifeInSeconds),
    session_max_duration_in_seconds: secondsUpTo(maxSessionDurationInSeconds, limits.sessionMaxDurationInSeconds),
  });
}

const bodyOf = perInstance(createActorTokenBody);

/**
 * Reads the body of `POST /v1/actor_tokens`.
 *
 * @throws the `form_param_…` codes of `parseParams`
 */
export function parseCreateActorToken(body: unknown, instance: Instance): CreateActorToken {
  const params = parseParams(bodyOf(instance), body);
  const inActor = v.safeParse(reason, params.actor.reason);
  return {
    userId: params.user_id,
    // The check of `sub` makes it one.
    actor: params.actor as Actor,
    // Several of Clerk's SDKs send no other members than Clerk's, and any member of an actor.
    reason: params.reason ?? (inActor.success ? inActor.output : undefined),
    expiresInSeconds: params.expires_in_seconds ?? undefined,
    sessionMaxDurationInSeconds: params.session_max_duration_in_seconds ?? undefined,
  };
}

/**
 * As `parseCreateActorToken`, for an operator. The actor is the operator unless the body has one, and it has no `type`: Clerk's components
 * do not show that somebody acts as the user when it is `agent`.
 *
 * @throws the same codes; `form_param_value_invalid` for `actor.type`
 */
export function parseCreateOwnActorToken(body: unknown, { subject }: Operator, instance: Instance): CreateActorToken {
  const lacksActor = isPlainObject(body) && (body.actor === undefined || body.actor === null);
  const params = parseCreateActorToken(lacksActor ? { ...body, actor: { sub: subject } } : body, instance);
  if (params.actor.type === undefined) return params;
  const sentence = 'actor.type must be left out: an operator cannot hide that somebody acts as the user.';
  throw new ApiError({ code: 'form_param_value_invalid', meta: { param_name: 'actor.type' }, sentence });
}

/** The `actor_token` object. With a ticket, which exists only at creation, it also has `token` and `url`. */
export function actorTokenJson(
  token: ActorToken & { readonly status: 'pending' | 'revoked' },
  { frontendApiUrl }: Instance,
  ticket?: string,
): v.InferOutput<typeof actorTokenAnswer> {
  return {
    object: 'actor_token',
    id: token.id,
    status: token.status,
    user_id: token.userId,
    actor: token.actor,
    ...(ticket === undefined ? {} : { token: ticket, url: `${frontendApiUrl}/v1/tickets/accept?ticket=${ticket}` }),
    created_at: token.createdAt,
    updated_at: token.updatedAt,
  };
}
