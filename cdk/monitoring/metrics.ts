import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { MathExpression, Metric, SearchExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Duration } from 'aws-cdk-lib/core';
import type { LambdaName } from '../../functions/routes.ts';
import type { EndCause } from '../../shared/base/end-cause.ts';
import type { ErrorCode } from '../../shared/base/errors.ts';
import { METRIC_NAMESPACE, type MetricName, metrics } from '../../shared/base/metrics.ts';
import type { Config } from '../config/schema.ts';
import type { SigningKey, SigningKeys } from '../signing-key.ts';
import type { Tables } from '../tables.ts';

/** The parts of the log of the record. */
interface Audited {
  readonly sealer: LambdaFunction;
  readonly role: Role;
  readonly keys: readonly SigningKey[];
  readonly bucket: { readonly bucketName: string };
}

/** The parts of an instance that are monitored. */
export interface Monitored {
  readonly config: Config;
  readonly api: HttpApi;
  readonly accessLogs: ILogGroup;
  readonly functions: ReadonlyMap<LambdaName, LambdaFunction>;
  readonly roles: ReadonlyMap<LambdaName, Role>;
  readonly tables: Tables;
  readonly keys: SigningKeys;
  /** The log of the record; undefined where the audit is off. */
  readonly audit?: Audited | undefined;
  /** The function that requests the public URLs; undefined without `healthCheck`. */
  readonly healthCheck?: { readonly fn: LambdaFunction; readonly role: Role } | undefined;
}

export const PERIOD = Duration.minutes(5);

interface Shown {
  readonly statistic?: string;
  readonly label?: string;
}

function sumOf(label: string, all: readonly Metric[]): MathExpression {
  const usingMetrics = Object.fromEntries(all.map((metric, index) => [`m${index}`, metric]));
  return new MathExpression({ expression: 'SUM(METRICS())', label, usingMetrics, period: PERIOD });
}

/** Returns a metric that the log lines of the instance contain, for one value of its second dimension, if it has one. */
function loggedMetric(
  { config }: Monitored,
  metricName: MetricName,
  { by = {}, ...shown }: Shown & { readonly by?: Readonly<Record<string, string>> },
): Metric {
  const dimensionsMap = { instance: config.instanceId, ...by };
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName,
    dimensionsMap,
    period: PERIOD,
    statistic: 'Sum',
    ...shown,
  });
}

/** Returns a metric that the log lines of the instance contain. */
export function ownMetric(monitored: Monitored, metricName: MetricName, shown: Shown = {}): Metric {
  return loggedMetric(monitored, metricName, { label: metricName, ...shown });
}

/** Returns the number of refusals with one error code. */
export function refusedWith(monitored: Monitored, code: ErrorCode): Metric {
  return loggedMetric(monitored, 'Refused', { by: { code } });
}

/** Returns the number of requests that were refused with any of some error codes. */
export function refusedWithAnyOf(monitored: Monitored, codes: readonly ErrorCode[]): MathExpression {
  return sumOf(
    codes.join(', '),
    codes.map((code) => refusedWith(monitored, code)),
  );
}

/** Returns the number of sessions that ended for one cause. */
export function endedBecause(monitored: Monitored, cause: EndCause): Metric {
  return loggedMetric(monitored, 'SessionsEnded', { by: { end_cause: cause } });
}

/** The metrics that filters count from log lines which no function of ours writes. */
export type FilteredMetricName =
  | 'ThrottledRequests'
  | 'SignedByOthers'
  | 'WrittenByOthers'
  | 'InvokedByOthers'
  | 'Changed';

/**
 * The namespace and name of a metric that a filter counts. A filter can take a dimension from a member of the line only, and these
 * lines do not name the instance, so the namespace does.
 */
export function filteredMetric({ stackName }: Config, metricName: FilteredMetricName) {
  return { metricNamespace: `${METRIC_NAMESPACE}/${stackName}`, metricName };
}

/** Returns the number of lines that a filter found. */
export function foundBy({ config }: Monitored, name: FilteredMetricName): Metric {
  const { metricNamespace: namespace, metricName } = filteredMetric(config, name);
  return new Metric({ namespace, metricName, statistic: 'Sum', period: PERIOD });
}

/** Returns a metric of the instance with one line for each value of its second dimension. */
export function dividedMetric({ config }: Monitored, name: 'Refused' | 'SessionsEnded'): SearchExpression {
  const { by } = metrics[name];
  const search = `{${METRIC_NAMESPACE},instance,${by}} MetricName="${name}" instance="${config.instanceId}"`;
  return new SearchExpression({
    expression: `SEARCH('${search}', 'Sum')`,
    label: `\${PROP('Dim.${by}')}`,
    period: PERIOD,
  });
}

export type LambdaMetric = 'Invocations' | 'Errors' | 'Throttles' | 'Duration' | 'ConcurrentExecutions';

/** Returns one metric of each function, labelled with the name of the function. */
export function functionMetrics({ functions }: Monitored, name: LambdaMetric, statistic = 'Sum'): readonly Metric[] {
  return [...functions].map(([label, fn]) => fn.metric(name, { statistic, label, period: PERIOD }));
}

/**
 * Returns one metric of all functions together. CDK refuses an alarm on more than ten functions, because a CloudWatch alarm has at
 * most ten metrics.
 */
export function sumOfFunctions(monitored: Monitored, name: LambdaMetric): MathExpression {
  return sumOf(name, functionMetrics(monitored, name));
}

/** Returns the greatest age of a change that is not sealed yet, in milliseconds. */
export function sealerAge({ audit }: Monitored): Metric {
  if (!audit) throw new Error('The audit is off.');
  return audit.sealer.metric('IteratorAge', { statistic: 'Maximum', period: PERIOD });
}

/** Returns 1 for five minutes in which every check of the public URLs failed. Without a check there is no value. */
export function failedChecks({ healthCheck }: Monitored): Metric {
  if (!healthCheck) throw new Error('The health check is off.');
  // Lambda records 0 or 1 for each invocation. Source: Lambda developer guide, "Types of metrics for Lambda functions".
  return healthCheck.fn.metricErrors({ statistic: 'Minimum', period: PERIOD });
}

/** Returns the throttled reads and writes of each table. */
export function tableThrottles({ tables }: Monitored): readonly Metric[] {
  return Object.entries(tables).flatMap(([table, { tableName }]) =>
    (['ReadThrottleEvents', 'WriteThrottleEvents'] as const).map(
      (metricName) =>
        new Metric({
          namespace: 'AWS/DynamoDB',
          metricName,
          dimensionsMap: { TableName: tableName },
          statistic: 'Sum',
          label: `${table} ${metricName === 'ReadThrottleEvents' ? 'reads' : 'writes'}`,
          period: PERIOD,
        }),
    ),
  );
}

/** Returns the system errors of each table. DynamoDB counts them by operation: each operation that has errors gets a line. */
export function tableErrors({ tables }: Monitored): readonly SearchExpression[] {
  return Object.entries(tables).map(([table, { tableName }]) => {
    const search = `{AWS/DynamoDB,TableName,Operation} MetricName="SystemErrors" TableName="${tableName}"`;
    const label = `${table} \${PROP('Dim.Operation')}`;
    return new SearchExpression({ expression: `SEARCH('${search}', 'Sum')`, label, period: PERIOD });
  });
}
