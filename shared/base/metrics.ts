/**
 * What a request did, counted while it does it and told in its one log line, in CloudWatch's embedded metric format. A fact is
 * counted where it is committed, and by the request that committed it. That a session merely ran out is no event: it follows
 * from the time, and nobody counts it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { EndCause } from '../sessions/session.ts';
import type { ErrorCode } from './errors.ts';
import type { ActorTokenId, SecretKeyId, SessionId } from './ids.ts';

export const METRIC_NAMESPACE = 'ActorTokens';

/** All metrics. `by` names the field of the log line that divides one, besides `instance`, which divides all. */
export const metrics = {
  /** Actor tokens stored. */
  Created: { unit: 'Count' },
  /** Tickets redeemed. */
  Redeemed: { unit: 'Count' },
  /** Actor tokens revoked. */
  Revoked: { unit: 'Count' },
  /**
   * Error answers of creating, redeeming and revoking actor tokens; of all operations where a secret key was refused, a
   * request went around CloudFront, or DynamoDB or KMS was short of capacity.
   */
  Refused: { unit: 'Count', by: 'code' },
  SessionsStarted: { unit: 'Count' },
  /**
   * Ends that were written: one a session, but for one that a sign-in replaces shortly after it was ended, which counts twice.
   * Those nobody ends run out.
   */
  SessionsEnded: { unit: 'Count', by: 'end_cause' },
  /** How long KMS took to sign or to fail, repeats included. */
  SignLatency: { unit: 'Milliseconds' },
  /** Calls that KMS still throttled when they were repeated. */
  KmsThrottled: { unit: 'Count' },
  /** Failures the caller was not told of. */
  Dropped: { unit: 'Count' },
} as const satisfies Record<string, { readonly unit: 'Count' | 'Milliseconds'; readonly by?: 'code' | 'end_cause' }>;

export type MetricName = keyof typeof metrics;

/** What divides a metric. Each has few values, since CloudWatch takes every one for a metric of its own, at a price. */
interface Divisions {
  readonly Refused: { readonly code: ErrorCode };
  readonly SessionsEnded: { readonly end_cause: EndCause };
}

type Division<Name extends MetricName> = Name extends keyof Divisions ? [by: Divisions[Name]] : [];

/** Ids by which the log line finds the other lines of its story, and what is stored. None of them opens anything. */
export interface Ids {
  readonly secret_key_id?: SecretKeyId;
  readonly actor_token_id?: ActorTokenId;
  readonly session_id?: SessionId;
}

/** What one request has said of itself so far. */
interface Observations {
  readonly values: Map<MetricName, number[]>;
  /** Of the divided metrics; a request has one error, and ends sessions for one cause. */
  readonly divisions: { code?: ErrorCode; end_cause?: EndCause };
  readonly ids: { -readonly [Name in keyof Ids]: Ids[Name] };
}

const request = new AsyncLocalStorage<Observations>();

/** Runs a request. What is counted outside of one, as by an operator's command, is counted nowhere. */
export function observed<Result>(run: () => Promise<Result>): Promise<Result> {
  return request.run({ values: new Map(), divisions: {}, ids: {} }, run);
}

/** Adds one. */
export function count<Name extends MetricName>(name: Name, ...[by]: Division<Name>): void {
  const observations = request.getStore();
  if (!observations) return;
  const [sum = 0] = observations.values.get(name) ?? [];
  observations.values.set(name, [sum + 1]);
  Object.assign(observations.divisions, by);
}

/** Adds a value. */
export function measure(name: 'SignLatency', milliseconds: number): void {
  const observations = request.getStore();
  observations?.values.set(name, [...(observations.values.get(name) ?? []), Math.round(milliseconds)]);
}

/** Notes what the request is about, for its log line. */
export function note(ids: Ids): void {
  Object.assign(request.getStore()?.ids ?? {}, ids);
}

export function notedIds(): Ids {
  return request.getStore()?.ids ?? {};
}

function divisionOf(name: MetricName): string | undefined {
  const metric = metrics[name];
  return 'by' in metric ? metric.by : undefined;
}

function directive([by, names]: readonly [by: string | undefined, names: readonly MetricName[]]) {
  return {
    Namespace: METRIC_NAMESPACE,
    Dimensions: [['instance', ...(by === undefined ? [] : [by])]],
    Metrics: names.map((Name) => ({ Name, Unit: metrics[Name].unit })),
  };
}

/**
 * The members that make CloudWatch take metrics from a log line, which also has `instance`; none when nothing was counted.
 * Source of the form: CloudWatch's public specification of the embedded metric format.
 *
 * @param at when it happened, in milliseconds of the epoch
 */
export function embeddedMetrics(at: number): object {
  const { values = new Map<MetricName, number[]>(), divisions } = request.getStore() ?? {};
  if (values.size === 0) return {};
  const _aws = { Timestamp: at, CloudWatchMetrics: [...Map.groupBy(values.keys(), divisionOf)].map(directive) };
  const single = [...values].map(([name, all]) => [name, all.length === 1 ? all[0] : all]);
  return { ...Object.fromEntries(single), ...divisions, _aws };
}
