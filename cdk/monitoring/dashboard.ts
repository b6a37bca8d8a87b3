import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Duration } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import {
  dividedMetric,
  foundBy,
  functionMetrics,
  type Monitored,
  ownMetric,
  PERIOD,
  sealerAge,
  tableErrors,
  tableThrottles,
} from './metrics.ts';

const CELL = { width: 12, height: 6 };

function graph(title: string, left: readonly IMetric[]): GraphWidget {
  return new GraphWidget({ title, left: [...left], ...CELL });
}

/** Answers of 500 and above by operation. They come from the log, because a metric for each operation costs more than a query. */
function failureTable({ functions }: Monitored): LogQueryWidget {
  return new LogQueryWidget({
    title: 'Answers of 500 and above, by operation',
    logGroupNames: [...functions.values()].map(({ logGroup }) => logGroup.logGroupName),
    view: LogQueryVisualizationType.TABLE,
    queryLines: [
      'filter message = "request" and status >= 500',
      'stats count(*) as answers by operation, code, error',
      'sort answers desc',
    ],
    ...CELL,
  });
}

function overview({ config }: Monitored, alarms: readonly Alarm[]): IWidget[][] {
  const markdown = `Instance \`${config.instanceId}\`. What to do: docs/runbooks.md`;
  return [
    [new TextWidget({ markdown, width: 24, height: 1 })],
    [new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 24, height: 3 })],
  ];
}

/** Rows about actor tokens, sessions and signing. */
function domainRows(monitored: Monitored): IWidget[][] {
  const own = (...names: Parameters<typeof ownMetric>[1][]) => names.map((name) => ownMetric(monitored, name));
  const latency = (statistic: string) => ownMetric(monitored, 'SignLatency', { statistic, label: statistic });
  return [
    [
      graph('Actor tokens', own('Created', 'Redeemed', 'Revoked')),
      graph('Refused, by code', [dividedMetric(monitored, 'Refused')]),
    ],
    [
      graph('Sessions started', own('SessionsStarted')),
      graph('Sessions ended, by cause (sessions that expire are not counted)', [
        dividedMetric(monitored, 'SessionsEnded'),
      ]),
    ],
    [
      graph('Signing by KMS (ms)', [latency('p50'), latency('p99')]),
      graph('Throttled by KMS, failures behind a successful answer', own('KmsThrottled', 'Dropped')),
    ],
  ];
}

/** The row about the log of the record. */
function auditRow(monitored: Monitored): IWidget[][] {
  if (!monitored.audit) return [];
  const sealed = (['Sealed', 'RecordChanged'] as const).map((name) => ownMetric(monitored, name));
  return [
    [
      graph('Seals, and changes of the record past the product', sealed),
      graph('Age of unsealed changes (ms)', [sealerAge(monitored)]),
    ],
  ];
}

/** Rows about the HTTP API, the functions and the tables. */
function serviceRows(monitored: Monitored): IWidget[][] {
  const { api } = monitored;
  const latency = (statistic: string) => api.metricLatency({ statistic, label: statistic, period: PERIOD });
  return [
    [
      graph('Requests, by function', functionMetrics(monitored, 'Invocations')),
      graph('API', [
        api.metricCount({ statistic: 'Sum', label: 'requests', period: PERIOD }),
        api.metricClientError({ statistic: 'Sum', label: '4xx', period: PERIOD }),
        foundBy(monitored, 'ThrottledRequests').with({ label: '429 of API Gateway itself' }),
        api.metricServerError({ statistic: 'Sum', label: '5xx', period: PERIOD }),
      ]),
    ],
    [failureTable(monitored), graph('Latency of the API (ms)', [latency('p50'), latency('p99')])],
    [
      graph('Function errors', functionMetrics(monitored, 'Errors')),
      graph('Function throttles', functionMetrics(monitored, 'Throttles')),
    ],
    [
      graph('Function duration, p99 (ms)', functionMetrics(monitored, 'Duration', 'p99')),
      graph('Function concurrency', functionMetrics(monitored, 'ConcurrentExecutions', 'Maximum')),
    ],
    [graph('DynamoDB throttles', tableThrottles(monitored)), graph('DynamoDB system errors', tableErrors(monitored))],
  ];
}

/** Creates the dashboard of an instance. */
export function createDashboard(scope: Construct, monitored: Monitored, alarms: readonly Alarm[]): void {
  new Dashboard(scope, 'Dashboard', {
    dashboardName: monitored.config.stackName,
    defaultInterval: Duration.days(1),
    widgets: [
      ...overview(monitored, alarms),
      ...domainRows(monitored),
      ...auditRow(monitored),
      ...serviceRows(monitored),
    ],
  });
}
