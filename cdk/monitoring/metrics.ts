import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { MathExpression, Metric, SearchExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Duration } from 'aws-cdk-lib/core';
import type { LambdaName } from '../../functions/routes.ts';
import type { ErrorCode } from '../../shared/base/errors.ts';
import { METRIC_NAMESPACE, type MetricName, metrics } from '../../shared/base/metrics.ts';
import type { Config } from '../config/schema.ts';
import type { Tables } from '../tables.ts';

/** The parts of an instance that are monitored. */
export interface Monitored {
  readonly config: Config;
  readonly api: HttpApi;
  readonly functions: ReadonlyMap<LambdaName, LambdaFunction>;
  readonly tables: Tables;
}

export const PERIOD = Duration.minutes(5);

interface Shown {
  readonly statistic?: string;
  readonly label?: string;
}

/** Returns a metric that the log lines of the instance contain. */
export function ownMetric(
  { config }: Monitored,
  metricName: MetricName,
  { statistic = 'Sum', label = metricName }: Shown = {},
): Metric {
  const dimensionsMap = { instance: config.instanceId };
  return new Metric({ namespace: METRIC_NAMESPACE, metricName, dimensionsMap, statistic, label, period: PERIOD });
}

/** Returns the number of refusals with one error code. */
export function refusedWith({ config }: Monitored, code: ErrorCode): Metric {
  return new Metric({
    namespace: METRIC_NAMESPACE,
    metricName: 'Refused' satisfies MetricName,
    dimensionsMap: { instance: config.instanceId, code },
    statistic: 'Sum',
    period: PERIOD,
  });
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
  const each = functionMetrics(monitored, name).map((metric, index) => [`m${index}`, metric] as const);
  return new MathExpression({
    expression: 'SUM(METRICS())',
    label: name,
    usingMetrics: Object.fromEntries(each),
    period: PERIOD,
  });
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
