import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  Alarm,
  AlarmStatusWidget,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type GraphWidgetProps,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  Metric,
  SearchExpression,
  TextWidget,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Aws, Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { LambdaName } from '../functions/routes.ts';
import type { ErrorCode } from '../shared/base/errors.ts';
import { METRIC_NAMESPACE, type MetricName, metrics } from '../shared/base/metrics.ts';
import type { StackConfig } from './config.ts';
import type { Tables } from './tables.ts';

export interface Monitored {
  readonly api: HttpApi;
  readonly functions: ReadonlyMap<LambdaName, LambdaFunction>;
  readonly tables: Tables;
}

interface AlarmDefinition {
  /** The last part of the alarm's name, and the anchor of its section in docs/runbooks.md. */
  readonly name: string;
  /** One sentence: what it means that it rings. */
  readonly meaning: string;
  readonly metric: IMetric;
  /** How much of it within five minutes. */
  readonly threshold: number;
}

const PERIOD = Duration.minutes(5);
const ROW = { width: 12, height: 6 };

/** Our own metrics, as the log lines of one instance carry them. */
function ownMetrics(instance: string) {
  const metric = (metricName: MetricName, statistic = 'Sum', label: string = metricName) =>
    new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { instance },
      statistic,
      label,
      period: PERIOD,
    });
  const refused = (code: ErrorCode) =>
    new Metric({
      namespace: METRIC_NAMESPACE,
      metricName: 'Refused' satisfies MetricName,
      dimensionsMap: { instance, code },
      statistic: 'Sum',
      period: PERIOD,
    });
  /** One line for each value that there is. */
  const divided = (name: 'Refused' | 'SessionsEnded') => {
    const { by } = metrics[name];
    return new SearchExpression({
      expression: `SEARCH('{${METRIC_NAMESPACE},instance,${by}} MetricName="${name}" instance="${instance}"', 'Sum')`,
      label: `\${PROP('Dim.${by}')}`,
      period: PERIOD,
    });
  };
  return { metric, refused, divided };
}

type LambdaMetric = 'Invocations' | 'Errors' | 'Throttles' | 'Duration' | 'ConcurrentExecutions';

/** One metric of each function, by the function's name. */
function functionMetrics({ functions }: Monitored, name: LambdaMetric, statistic: string): readonly Metric[] {
  return [...functions].map(([label, fn]) => fn.metric(name, { statistic, label, period: PERIOD }));
}

/** One metric of all functions together. The CDK makes no alarm of more than ten, since CloudWatch takes none. */
function sumOfFunctions(monitored: Monitored, name: LambdaMetric): MathExpression {
  const each = functionMetrics(monitored, name, 'Sum').map((metric, index) => [`m${index}`, metric] as const);
  return new MathExpression({
    expression: 'SUM(METRICS())',
    label: name,
    usingMetrics: Object.fromEntries(each),
    period: PERIOD,
  });
}

function alarmDefinitions({ instanceId, cloudFront }: StackConfig, monitored: Monitored): readonly AlarmDefinition[] {
  const { metric, refused } = ownMetrics(instanceId);
  const originRefused: AlarmDefinition = {
    name: 'origin-refused',
    meaning: 'Many requests go around CloudFront, or its secret is not the one the functions know.',
    metric: refused('authorization_invalid'),
    threshold: 50,
  };
  return [
    {
      name: 'server-errors',
      meaning: 'Requests are answered with 500 or above.',
      metric: monitored.api.metricServerError({ statistic: 'Sum', period: PERIOD }),
      threshold: 3,
    },
    {
      name: 'used-ticket',
      meaning: 'Somebody tried to redeem a ticket that had been redeemed: two people hold it, or one tried twice.',
      metric: refused('actor_token_already_used_code'),
      threshold: 1,
    },
    {
      name: 'invalid-tickets',
      meaning: 'Many tickets are presented that this instance never issued.',
      metric: refused('ticket_invalid_code'),
      threshold: 10,
    },
    {
      name: 'refused-secret-keys',
      meaning: 'Many calls carry a secret key that is unknown or was revoked.',
      metric: refused('clerk_key_invalid'),
      threshold: 10,
    },
    {
      name: 'kms-throttled',
      meaning: 'KMS signs less than is asked of it: the quota of the account for RSA keys is used up.',
      metric: metric('KmsThrottled'),
      threshold: 1,
    },
    {
      name: 'busy',
      meaning: 'Callers are told to come back later: DynamoDB or KMS throttles, or writes collide.',
      metric: refused('too_many_requests'),
      threshold: 10,
    },
    {
      name: 'dropped-failures',
      meaning: 'Something failed behind an answer that was a success.',
      metric: metric('Dropped'),
      threshold: 1,
    },
    {
      name: 'function-errors',
      meaning: 'A function crashed or ran out of time, so its caller had no answer in shape.',
      metric: sumOfFunctions(monitored, 'Errors'),
      threshold: 1,
    },
    {
      name: 'function-throttles',
      meaning: 'Lambda turned requests away, because the concurrency of the function or of the account is used up.',
      metric: sumOfFunctions(monitored, 'Throttles'),
      threshold: 1,
    },
    ...(cloudFront ? [originRefused] : []),
  ];
}

/**
 * Where alarms go. Not encrypted at rest: a message holds the name and the meaning of an alarm, and with AWS's own key for
 * SNS no alarm could be published.
 */
function alarmTopic(scope: Construct, { stackName, alarmEmail }: StackConfig): Topic {
  const topic = new Topic(scope, 'AlarmTopic', { displayName: `Alarms of ${stackName}`, enforceSSL: true });
  // A topic with a policy of its own has lost the default one, by which the alarms of the account could publish.
  topic.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    }),
  );
  if (alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(alarmEmail));
  return topic;
}

function graph(title: string, left: readonly IMetric[], more: Omit<GraphWidgetProps, 'left'> = {}): GraphWidget {
  return new GraphWidget({ title, left: [...left], ...ROW, ...more });
}

/** Answers of 500 and above by operation: from the log, since a metric for each operation would cost more than looking. */
function failuresByOperation({ functions }: Monitored): LogQueryWidget {
  return new LogQueryWidget({
    title: 'Answers of 500 and above, by operation',
    logGroupNames: [...functions.values()].map(({ logGroup }) => logGroup.logGroupName),
    view: LogQueryVisualizationType.TABLE,
    queryLines: [
      'filter message = "request" and status >= 500',
      'stats count(*) as answers by operation, code, error',
      'sort answers desc',
    ],
    ...ROW,
  });
}

function tableThrottles({ tables }: Monitored): readonly Metric[] {
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

/** DynamoDB counts these by operation too; those there are get a line each. */
function tableErrors({ tables }: Monitored): readonly SearchExpression[] {
  return Object.entries(tables).map(([table, { tableName }]) => {
    const search = `{AWS/DynamoDB,TableName,Operation} MetricName="SystemErrors" TableName="${tableName}"`;
    const label = `${table} \${PROP('Dim.Operation')}`;
    return new SearchExpression({ expression: `SEARCH('${search}', 'Sum')`, label, period: PERIOD });
  });
}

function widgets(config: StackConfig, monitored: Monitored, alarms: readonly Alarm[]): IWidget[][] {
  const { metric, divided } = ownMetrics(config.instanceId);
  const { api } = monitored;
  const perFunction = (name: LambdaMetric, statistic = 'Sum') => functionMetrics(monitored, name, statistic);
  const latency = (statistic: string) => api.metricLatency({ statistic, label: statistic, period: PERIOD });
  return [
    [
      new TextWidget({
        markdown: `Instance \`${config.instanceId}\`. What to do: docs/runbooks.md`,
        width: 24,
        height: 1,
      }),
    ],
    [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 24, height: 3 })],
    [
      graph('Actor tokens', [metric('Created'), metric('Redeemed'), metric('Revoked')]),
      graph('Refused, by code', [divided('Refused')]),
    ],
    [
      graph('Sessions started', [metric('SessionsStarted')]),
      graph('Sessions ended, by cause (those that run out are not counted)', [divided('SessionsEnded')]),
    ],
    [
      graph('Signing by KMS (ms)', [metric('SignLatency', 'p50', 'p50'), metric('SignLatency', 'p99', 'p99')]),
      graph('Throttled by KMS, failures nobody was told of', [metric('KmsThrottled'), metric('Dropped')]),
    ],
    [
      graph('Requests, by function', perFunction('Invocations')),
      graph('API', [
        api.metricCount({ statistic: 'Sum', label: 'requests', period: PERIOD }),
        api.metricClientError({ statistic: 'Sum', label: '4xx', period: PERIOD }),
        api.metricServerError({ statistic: 'Sum', label: '5xx', period: PERIOD }),
      ]),
    ],
    [failuresByOperation(monitored), graph('Latency of the API (ms)', [latency('p50'), latency('p99')])],
    [graph('Function errors', perFunction('Errors')), graph('Function throttles', perFunction('Throttles'))],
    [
      graph('Function duration, p99 (ms)', perFunction('Duration', 'p99')),
      graph('Function concurrency', perFunction('ConcurrentExecutions', 'Maximum')),
    ],
    [graph('DynamoDB throttles', tableThrottles(monitored)), graph('DynamoDB system errors', tableErrors(monitored))],
  ];
}

/**
 * What operators see and are told of: a dashboard, alarms, and the topic that alarms are published on. Without an `alarmEmail`
 * nobody is subscribed to it, and alarms show in CloudWatch alone. What each alarm asks for is in docs/runbooks.md.
 */
export function addMonitoring(scope: Construct, config: StackConfig, monitored: Monitored): void {
  const action = new SnsAction(alarmTopic(scope, config));
  const alarms = alarmDefinitions(config, monitored).map(({ name, meaning, metric, threshold }) => {
    const alarm = new Alarm(scope, `Alarm-${name}`, {
      alarmName: `${config.stackName}-${name}`,
      alarmDescription: `${meaning} What to do: docs/runbooks.md#${name}`,
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      // No requests, no metrics: nothing is wrong then.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
    return alarm;
  });
  new Dashboard(scope, 'Dashboard', {
    dashboardName: config.stackName,
    defaultInterval: Duration.days(1),
    widgets: widgets(config, monitored, alarms),
  });
}
