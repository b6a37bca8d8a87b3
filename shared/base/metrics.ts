/**
 * Counts the effects of a request, and writes the counts into its one log line in CloudWatch's embedded metric format. An effect is
 * counted where it is committed, and by the request that committed it. A session that expires is not counted: expiry follows from the
 * time and is no event.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { EndCause } from './end-cause.ts';
import type { ErrorCode } from './errors.ts';
import type { ActorTokenId, SecretKeyId, SessionId, UserId } from './ids.ts';

export const METRIC_NAMESPACE = 'ActorTokens';

/** All metrics. Each has the dimension `instance`. `by` names the field of the log line that is its other dimension. */
export const metrics = {
  /** Actor tokens stored. */
  Created: { unit: 'Count' },
  /** Tickets redeemed. */
  Redeemed: { unit: 'Count' },
  /** Actor tokens revoked. */
  Revoked: { unit: 'Count' },
  /**
   * Error answers of creating, redeeming and revoking actor tokens and of opening their links. For all other operations, only three
   * causes count: a request of the Backend API had no valid secret key, a request did not come through CloudFront, or DynamoDB or KMS
   * had no capacity.
   */
  Refused: { unit: 'Count', by: 'code' },
  SessionsStarted: { unit: 'Count' },
  /**
   * Session ends written. One per session, except that a session ended and then replaced by a sign-in before its fixed end counts
   * twice. A session that expires writes no end.
   */
  SessionsEnded: { unit: 'Count', by: 'end_cause' },
  /** Time in which KMS signed or failed, retries included. */
  SignLatency: { unit: 'Milliseconds' },
  /** Calls that KMS still throttled after all retries. */
  KmsThrottled: { unit: 'Count' },
  /** Seals stored. */
  Sealed: { unit: 'Count' },
  /** Changes of a record that are no transition of the product. */
  RecordChanged: { unit: 'Count' },
  /** Failures that the answer does not show, because the operation succeeded nevertheless. */
  Dropped: { unit: 'Count' },
} as const satisfies Record<string, { readonly unit: 'Count' | 'Milliseconds'; readonly by?: 'code' | 'end_cause' }>;

export type MetricName = keyof typeof metrics;

/** Dimensions of metrics. Each has few values, because CloudWatch bills every value as a metric of its own. */
interface Dimensions {
  readonly Refused: { readonly code: ErrorCode };
  readonly SessionsEnded: { readonly end_cause: EndCause };
}

type Dimension<Name extends MetricName> = Name extends keyof Dimensions ? [by: Dimensions[Name]] : [];

/**
 * Ids that lead from a log line to related lines and to stored items. None is a credential. A line names whom a request was about: whose
 * data it answered, and for which session it signed. It never has the other members of an actor, nor any name or address of a user.
 */
export interface Ids {
  readonly secret_key_id?: SecretKeyId;
  readonly actor_token_id?: ActorTokenId;
  readonly session_id?: SessionId;
  readonly user_id?: UserId;
  /** `actor.sub`, the customer's own id of the actor. */
  readonly actor_sub?: string;
  /** The sessions that a list answered, separated by spaces: a query of CloudWatch finds at most 200 members in a line. */
  readonly session_ids?: string;
  /** The users that a list answered, separated by spaces. */
  readonly user_ids?: string;
}

/** The counts, dimensions and ids of one request. */
interface Observations {
  readonly values: Map<MetricName, number[]>;
  /** A request has one error, and ends sessions for one cause. */
  readonly dimensions: { code?: ErrorCode; end_cause?: EndCause };
  readonly ids: { -readonly [Name in keyof Ids]: Ids[Name] };
  isCallerProved: boolean;
}

const request = new AsyncLocalStorage<Observations>();

/** Runs a request and collects its counts. Nothing is counted outside of it, such as in an administrator's command. */
export function observe<Result>(run: () => Promise<Result>): Promise<Result> {
  return request.run({ values: new Map(), dimensions: {}, ids: {}, isCallerProved: false }, run);
}

/** Adds one to a metric of this request. */
export function count<Name extends MetricName>(name: Name, ...[by]: Dimension<Name>): void {
  const observations = request.getStore();
  if (!observations) return;
  const [sum = 0] = observations.values.get(name) ?? [];
  observations.values.set(name, [sum + 1]);
  Object.assign(observations.dimensions, by);
}

/** Adds a value to a metric of this request. */
export function measure(name: 'SignLatency', milliseconds: number): void {
  const observations = request.getStore();
  observations?.values.set(name, [...(observations.values.get(name) ?? []), Math.round(milliseconds)]);
}

/** Adds ids to the log line of this request. */
export function note(ids: Ids): void {
  Object.assign(request.getStore()?.ids ?? {}, ids);
}

/**
 * Records that the caller has proved a secret key, the secret of a browser, or a ticket. Only then does the line of this request have the
 * caller's address: everybody else is a visitor of the app, or unknown.
 */
export function noteProvedCaller(): void {
  const observations = request.getStore();
  if (observations) observations.isCallerProved = true;
}

/** True when the caller of this request has proved who they are. */
export function isCallerProved(): boolean {
  return request.getStore()?.isCallerProved ?? false;
}

/** The ids noted so far. */
export function notedIds(): Ids {
  return request.getStore()?.ids ?? {};
}

function dimensionOf(name: MetricName): string | undefined {
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
 * The members by which CloudWatch reads metrics from a log line, which also has `instance`; none when nothing was counted.
 * Source of the form: CloudWatch's public specification of the embedded metric format.
 *
 * @param at time of the request in milliseconds since 1970
 */
export function embeddedMetrics(at: number): object {
  const observations = request.getStore();
  if (!observations || observations.values.size === 0) return {};
  const { values, dimensions } = observations;
  const _aws = { Timestamp: at, CloudWatchMetrics: [...Map.groupBy(values.keys(), dimensionOf)].map(directive) };
  const single = [...values].map(([name, all]) => [name, all.length === 1 ? all[0] : all]);
  return { ...Object.fromEntries(single), ...dimensions, _aws };
}
