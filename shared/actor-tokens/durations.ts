import { ApiError } from '../base/errors.ts';
import type { Instance } from '../base/instance.ts';
import { limits } from '../base/limits.ts';
import type { Rule } from '../base/policy.ts';

/** The two durations of an actor token, in seconds: the life of the ticket, and the duration of the session. */
export interface Durations {
  readonly expiresInSeconds: number;
  readonly sessionMaxDurationInSeconds: number;
}

/** The durations that a request asks for. Undefined stands for the default. */
export type AskedDurations = { readonly [Name in keyof Durations]: Durations[Name] | undefined };

interface Asked {
  readonly param_name: string;
  readonly asked: number | undefined;
  readonly byDefault: number;
}

/** The duration in seconds. @throws `form_param_value_too_large` for one that is longer than the rule allows */
function allowed(
  { param_name, asked, byDefault }: Asked,
  most: number | undefined,
  ruleId: string | undefined,
): number {
  if (most === undefined) return asked ?? byDefault;
  if (asked === undefined) return Math.min(byDefault, most);
  if (asked <= most) return asked;
  const sentence = `${param_name} must be at most ${most}: rule ${ruleId} of the policy allows no more.`;
  const meta = { param_name, kind: 'policy', ...(ruleId !== undefined && { title: ruleId }) };
  throw new ApiError({ code: 'form_param_value_too_large', meta, sentence });
}

/**
 * The durations that are asked for, or the defaults, which are never longer than the rule allows.
 *
 * @throws `form_param_value_too_large` for one that is longer than the rule allows
 */
export function durationsUnder(rule: Rule | undefined, asked: AskedDurations, instance: Instance): Durations {
  const { ticketLifeInSeconds: ticket, sessionMaxDurationInSeconds: session } = limits;
  const ofTicket = {
    param_name: 'expires_in_seconds',
    asked: asked.expiresInSeconds,
    byDefault: Math.min(ticket.default, instance.maxTicketLifeInSeconds),
  };
  const ofSession = {
    param_name: 'session_max_duration_in_seconds',
    asked: asked.sessionMaxDurationInSeconds,
    byDefault: Math.min(session.default, instance.maxSessionDurationInSeconds),
  };
  return {
    expiresInSeconds: allowed(ofTicket, rule?.limits?.ticket, rule?.id),
    sessionMaxDurationInSeconds: allowed(ofSession, rule?.limits?.session, rule?.id),
  };
}
