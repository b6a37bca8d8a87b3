// What a request about actor tokens may say. Apart from what parses it, so that the published document is made of the very
// same schemas without a configuration.
import * as v from 'valibot';
import { limits } from '../base/limits.ts';
import { integerBetween, jsonObject, printableString } from '../base/params.ts';

export const actorSub = printableString({ max: limits.actorSubLength });

export const actor = v.pipe(
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

/** What may be asked for at most, in seconds. */
export interface LongestLives {
  readonly ticket: number;
  readonly session: number;
}

/** As `limits` say: what no deployment can be configured to exceed. */
export const longestLives: LongestLives = { ticket: limits.ticketLife.max, session: limits.sessionMaxDuration.max };

/** Who asks for no duration gets the default, or the most this deployment allows if that is less. */
function lifeUpTo(max: number, limit: { readonly min: number; readonly default: number }) {
  return v.nullish(integerBetween({ min: limit.min, max }), Math.min(limit.default, max));
}

export function createActorTokenBody(longest: LongestLives) {
  return v.strictObject({
    user_id: printableString({ max: limits.userIdLength }),
    actor,
    expires_in_seconds: lifeUpTo(longest.ticket, limits.ticketLife),
    session_max_duration_in_seconds: lifeUpTo(longest.session, limits.sessionMaxDuration),
  });
}
