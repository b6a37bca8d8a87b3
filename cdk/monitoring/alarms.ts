import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Aws } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { Config } from '../config/schema.ts';
import {
  endedBecause,
  failedChecks,
  foundBy,
  type Monitored,
  ownMetric,
  PERIOD,
  refusedWith,
  refusedWithAnyOf,
  sealerAge,
  sumOfFunctions,
} from './metrics.ts';
import { createTrailFilters } from './trail-filters.ts';

interface AlarmDefinition {
  /** The last part of the alarm's name, and the anchor of its section in docs/runbooks.md. */
  readonly name: string;
  /** One sentence: what it means when this alarm fires. */
  readonly meaning: string;
  readonly metric: (monitored: Monitored) => IMetric;
  /** The value within five minutes from which the alarm fires. */
  readonly threshold: number | ((config: Config) => number);
  /** True if the alarm also fires while its metric has no values. By default nothing is wrong then: without requests there are none. */
  readonly firesWithoutData?: boolean;
  /** Returns whether an instance needs the alarm. By default every instance does. */
  readonly isNeeded?: (config: Config) => boolean;
}

/** Half of the requests that the throttle lets through to one route within five minutes. */
function halfOfOneRoute({ requestsPerSecond }: Config): number {
  return Math.ceil((requestsPerSecond * PERIOD.toSeconds()) / 2);
}

function isSealed({ audit }: Config): boolean {
  return audit === 'on';
}

function hasTrail({ cloudTrailLogGroup }: Config): boolean {
  return cloudTrailLogGroup !== undefined;
}

const definitions: readonly AlarmDefinition[] = [
  {
    name: 'unreachable',
    meaning: 'Nothing answers at a public URL of the API: DNS, the certificate, the proxy or the API is broken.',
    metric: failedChecks,
    threshold: 1,
    firesWithoutData: true,
    isNeeded: ({ healthCheck }) => healthCheck,
  },
  {
    name: 'server-errors',
    meaning: 'Requests are answered with 500 or above.',
    metric: ({ api }) => api.metricServerError({ statistic: 'Sum', period: PERIOD }),
    threshold: 3,
  },
  {
    name: 'used-ticket',
    meaning: 'Somebody presented a ticket that was already redeemed: two people hold it, or one person tried twice.',
    metric: (monitored) => refusedWith(monitored, 'actor_token_already_used_code'),
    threshold: 1,
  },
  {
    name: 'invalid-tickets',
    meaning: 'Many tickets are presented that this instance never issued.',
    metric: (monitored) => refusedWith(monitored, 'ticket_invalid_code'),
    threshold: 10,
  },
  {
    name: 'refused-secret-keys',
    meaning: 'Many calls carry a secret key that is unknown, was revoked or has expired.',
    metric: (monitored) => refusedWith(monitored, 'clerk_key_invalid'),
    threshold: 10,
  },
  {
    name: 'missing-secret-keys',
    meaning: 'Many calls of the Backend API carry no secret key.',
    metric: (monitored) =>
      refusedWithAnyOf(monitored, ['authentication_invalid', 'authorization_header_format_invalid']),
    threshold: 100,
  },
  {
    name: 'tampered',
    meaning: 'A session ended because its stored records contradict each other: somebody wrote into a table.',
    metric: (monitored) => endedBecause(monitored, 'tampered'),
    threshold: 1,
  },
  {
    name: 'many-requests',
    meaning: 'The API receives at least half as many requests as the throttle allows for a single route.',
    metric: ({ api }) => api.metricCount({ statistic: 'Sum', period: PERIOD }),
    threshold: halfOfOneRoute,
  },
  {
    name: 'throttled-requests',
    meaning:
      'API Gateway rejects requests with 429, because a route receives more of them than requestsPerSecond allows.',
    metric: (monitored) => foundBy(monitored, 'ThrottledRequests'),
    threshold: 10,
  },
  {
    name: 'kms-throttled',
    meaning: 'KMS throttles signing: the quota of the account for RSA keys is used up.',
    metric: (monitored) => ownMetric(monitored, 'KmsThrottled'),
    threshold: 1,
  },
  {
    name: 'busy',
    meaning: 'Many requests are answered with 429: DynamoDB or KMS throttles, or writes collide.',
    metric: (monitored) => refusedWith(monitored, 'too_many_requests'),
    threshold: 10,
  },
  {
    name: 'dropped-failures',
    meaning: 'Requests succeeded, but a part of their work failed.',
    metric: (monitored) => ownMetric(monitored, 'Dropped'),
    threshold: 1,
  },
  {
    name: 'function-errors',
    meaning: 'A function crashed or timed out, so its caller did not get a documented answer.',
    metric: (monitored) => sumOfFunctions(monitored, 'Errors'),
    threshold: 1,
  },
  {
    name: 'function-throttles',
    meaning: 'Lambda rejected requests, because the concurrency of the function or of the account is used up.',
    metric: (monitored) => sumOfFunctions(monitored, 'Throttles'),
    threshold: 1,
  },
  {
    name: 'origin-refused',
    meaning: 'Many requests bypass CloudFront, or its secret is not the one that the functions expect.',
    metric: (monitored) => refusedWith(monitored, 'authorization_invalid'),
    threshold: 50,
    isNeeded: ({ cloudFront }) => cloudFront !== undefined,
  },
  {
    name: 'audit-behind',
    meaning: 'Changes of the record have not been sealed for more than ten minutes.',
    metric: sealerAge,
    threshold: 600_000,
    isNeeded: isSealed,
  },
  {
    name: 'record-changed',
    meaning: 'The record was changed in a way that the product never changes it.',
    metric: (monitored) => ownMetric(monitored, 'RecordChanged'),
    threshold: 1,
    isNeeded: isSealed,
  },
  {
    name: 'signed-by-others',
    meaning: 'Somebody other than the functions signed with a signing key, or tried to.',
    metric: (monitored) => foundBy(monitored, 'SignedByOthers'),
    threshold: 1,
    isNeeded: hasTrail,
  },
  {
    name: 'written-by-others',
    meaning: 'Somebody other than the functions wrote into a table.',
    metric: (monitored) => foundBy(monitored, 'WrittenByOthers'),
    threshold: 1,
    isNeeded: hasTrail,
  },
  {
    name: 'invoked-by-others',
    meaning: 'Somebody called a function without API Gateway, with an event of their choice.',
    metric: (monitored) => foundBy(monitored, 'InvokedByOthers'),
    threshold: 1,
    isNeeded: hasTrail,
  },
  {
    name: 'changed',
    meaning: 'Somebody changed a role, a function, a key, a table, the API, a log or an alarm; a deployment does too.',
    metric: (monitored) => foundBy(monitored, 'Changed'),
    threshold: 1,
    isNeeded: hasTrail,
  },
];

/**
 * Creates the topic of the alarms. It is not encrypted at rest: a message holds only the name and the meaning of an alarm, and
 * CloudWatch cannot publish to a topic that is encrypted with AWS's own key for SNS.
 */
function createTopic(scope: Construct, { stackName, alarmEmail }: Config): Topic {
  const topic = new Topic(scope, 'AlarmTopic', { displayName: `Alarms of ${stackName}`, enforceSSL: true });
  // A topic with its own policy lacks the default one, which allows the alarms of the account to publish.
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

/**
 * Creates the alarms, the topic that they publish to, and with `cloudTrailLogGroup` the filters that count what the account's own
 * people do. Without `alarmEmail` the topic has no subscription, and alarms appear in CloudWatch only. docs/runbooks.md describes what
 * to do when an alarm fires.
 */
export function createAlarms(scope: Construct, monitored: Monitored): readonly Alarm[] {
  const { config } = monitored;
  const topic = createTopic(scope, config);
  if (config.cloudTrailLogGroup !== undefined)
    createTrailFilters(scope, { ...monitored, topic }, config.cloudTrailLogGroup);
  const action = new SnsAction(topic);
  const needed = definitions.filter(({ isNeeded = () => true }) => isNeeded(config));
  return needed.map(({ name, meaning, metric, threshold, firesWithoutData = false }) => {
    const alarm = new Alarm(scope, `Alarm-${name}`, {
      alarmName: `${config.stackName}-${name}`,
      alarmDescription: `${meaning} What to do: docs/runbooks.md#${name}`,
      metric: metric(monitored),
      threshold: typeof threshold === 'number' ? threshold : threshold(config),
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: firesWithoutData ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
    return alarm;
  });
}
