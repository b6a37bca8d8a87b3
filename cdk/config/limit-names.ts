// The configured numbers that bound what an impersonation can do and how long its record is kept.
import type { FunctionEnvironment } from '../environment.ts';
import type { ConfigName } from './schema.ts';

interface Limit {
  /** The direction in which the limit is looser. */
  readonly looser: 'higher' | 'lower';
  /** The variable of every function that has the limit. */
  readonly variable: keyof FunctionEnvironment;
  /** The effect of a looser limit, as a sentence. */
  readonly effect: string;
}

/**
 * `npm run deploy` refuses to make one of these looser than it is deployed, unless it is asked for by name. Capacity is not among
 * them, such as `requestsPerSecond`: it follows the traffic.
 */
export const configLimits = {
  maxTicketLifeInSeconds: {
    looser: 'higher',
    variable: 'MAX_TICKET_LIFE_IN_SECONDS',
    effect: 'Actor tokens could be redeemed for longer.',
  },
  maxSessionDurationInSeconds: {
    looser: 'higher',
    variable: 'MAX_SESSION_DURATION_IN_SECONDS',
    effect: 'Sessions could last longer.',
  },
  auditRetentionDays: {
    looser: 'lower',
    variable: 'AUDIT_RETENTION_DAYS',
    effect: 'The record of who acted as whom would be deleted sooner.',
  },
} as const satisfies { readonly [Name in ConfigName]?: Limit };

export type LimitName = keyof typeof configLimits;

export const limitNames = Object.keys(configLimits) as readonly LimitName[];

/** Returns whether a limit allows more, or protects for a shorter time, than another one of the same name. */
export function isLooser(name: LimitName, value: number, than: number): boolean {
  return configLimits[name].looser === 'higher' ? value > than : value < than;
}
