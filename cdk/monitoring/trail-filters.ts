/**
 * Finds, in the log group of the account's CloudTrail trail, what the account's own people do to an instance. The rights that IAM gives
 * them go around every check of the functions, so it can only be seen.
 *
 * Every part of the instance is named exactly. A name that only begins like one of ours, such as `<stack>-x`, is a name like any other.
 * Source: the CloudTrail user guide, "Record contents", and the CloudWatch Logs user guide, "Filter pattern syntax".
 */
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, type JsonPattern, LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { LambdaName } from '../../functions/routes.ts';
import { type Permissions, permissions } from '../permissions.ts';
import type { KeyName, SigningKey } from '../signing-key.ts';
import { type FilteredMetricName, filteredMetric, type Monitored } from './metrics.ts';

const { all, any, booleanValue, notExists } = FilterPattern;

function is(field: string, text: string): JsonPattern {
  return FilterPattern.stringValue(`$.${field}`, '=', text);
}

function isNot(field: string, text: string): JsonPattern {
  return FilterPattern.stringValue(`$.${field}`, '!=', text);
}

function isOneOf(field: string, ...texts: readonly string[]): JsonPattern {
  return any(...texts.map((text) => is(field, text)));
}

const calls = (service: string) => is('eventSource', `${service}.amazonaws.com`);
const isChange = booleanValue('$.readOnly', false);

/** A caller may name a function or a table by its ARN as well. */
function names(parameter: string, name: string): JsonPattern {
  return is(`requestParameters.${parameter}`, `*${name}*`);
}

/**
 * The caller is none of these roles. The id of a role is unique, so a role that somebody made under the same name is another one. A
 * service of AWS has no such id.
 */
function isByOthers(roles: readonly Role[]): JsonPattern {
  return any(
    notExists('$.userIdentity.principalId'),
    all(...roles.map((role) => isNot('userIdentity.principalId', `${role.roleId}:*`))),
  );
}

/** The part of an instance that is watched. */
interface Watched extends Monitored {
  readonly topic: ITopic;
}

function rolesThat({ roles }: Watched, are: (permissions: Permissions) => boolean): readonly Role[] {
  return [...roles].filter(([lambda]) => are(permissions[lambda])).map(([, role]) => role);
}

function keysOf({ keys }: Watched): readonly (readonly [kind: KeyName, key: SigningKey])[] {
  return (['ticket', 'session'] as const).flatMap((kind) => keys[kind].map((key) => [kind, key] as const));
}

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);

function mayWrite({ tables }: Permissions): boolean {
  return Object.values(tables).some((actions) => actions.some((action) => WRITES.has(action)));
}

/** Signatures with a key by other roles than these. */
function signatureByOthers(key: SigningKey, roles: readonly Role[]): JsonPattern {
  return all(calls('kms'), is('eventName', 'Sign'), is('resources[0].ARN', key.keyArn), isByOthers(roles));
}

/** Signatures with our keys, also attempts that KMS refused. */
function signatures(watched: Watched): readonly JsonPattern[] {
  const { audit } = watched;
  return [
    ...keysOf(watched).map(([kind, key]) =>
      signatureByOthers(
        key,
        rolesThat(watched, ({ keys }) => keys?.[kind]?.includes('Sign') ?? false),
      ),
    ),
    ...(audit ? audit.keys.map((key) => signatureByOthers(key, [audit.role])) : []),
  ];
}

/**
 * Writes of items. The tables are not compared, because a transaction can name another table first: the trail logs the data events of
 * this instance only (docs/runbooks.md). CloudTrail does not say of a PartiQL statement whether it writes.
 */
function writes(watched: Watched): readonly JsonPattern[] {
  return [
    all(
      calls('dynamodb'),
      booleanValue('$.managementEvent', false),
      any(isChange, is('eventName', '*Execute*')),
      isByOthers(rolesThat(watched, mayWrite)),
    ),
  ];
}

/** Calls of functions by anybody but these services of AWS. */
function isInvokedByOthers(...services: readonly string[]): JsonPattern {
  const invokedBy = 'userIdentity.invokedBy';
  return any(
    notExists(`$.${invokedBy}`),
    all(...services.map((service) => isNot(invokedBy, `${service}.amazonaws.com`))),
  );
}

/**
 * Calls of functions that did not come through API Gateway, of the sealer that did not come from the streams or the schedule, and of the
 * health check that did not come from its schedule. Their caller chooses the whole event: the address in the record, or an event of the
 * log.
 */
function invocations({ audit, healthCheck }: Watched): readonly JsonPattern[] {
  const isCall = [calls('lambda'), is('eventName', 'Invoke*')];
  const parameter = 'requestParameters.functionName';
  const others = [
    ...(audit ? [{ fn: audit.sealer, services: ['lambda', 'events'] }] : []),
    ...(healthCheck ? [{ fn: healthCheck.fn, services: ['events'] }] : []),
  ].map(({ fn, services }) => ({ name: `*${fn.functionName}*`, services }));
  return [
    all(...isCall, ...others.map(({ name }) => isNot(parameter, name)), isInvokedByOthers('apigateway')),
    ...others.map(({ name, services }) => all(...isCall, is(parameter, name), isInvokedByOthers(...services))),
  ];
}

/** Changes of a Lambda, its role and its log, and the role given to another function. */
function changesOfFunction(fn: LambdaFunction, role: Role): JsonPattern {
  return any(
    all(isChange, calls('iam'), is('requestParameters.roleName', role.roleName)),
    all(
      isChange,
      calls('lambda'),
      isNot('eventName', 'Invoke*'),
      any(names('functionName', fn.functionName), is('requestParameters.role', role.roleArn)),
    ),
    all(
      calls('logs'),
      isOneOf('eventName', 'Delete*', 'Put*'),
      is('requestParameters.logGroupName', fn.logGroup.logGroupName),
    ),
  );
}

function changesOfLambda({ functions, roles }: Watched, lambda: LambdaName): JsonPattern {
  const [fn, role] = [functions.get(lambda), roles.get(lambda)];
  if (!fn || !role) throw new Error(`The instance has no Lambda ${lambda}.`);
  return changesOfFunction(fn, role);
}

/** Changes of the sealer, of what invokes it, of its keys and of its bucket. */
function changesOfAudit({ audit }: Watched): readonly JsonPattern[] {
  if (!audit) return [];
  const { sealer, role, keys, bucket } = audit;
  return [
    changesOfFunction(sealer, role),
    all(isChange, calls('lambda'), is('responseElements.functionArn', `${sealer.functionArn}*`)),
    ...keys.map((key) => all(calls('kms'), isChange, is('resources[0].ARN', key.keyArn))),
    all(
      calls('s3'),
      isChange,
      is('requestParameters.bucketName', bucket.bucketName),
      booleanValue('$.managementEvent', true),
    ),
  ];
}

function changesOfTables({ tables }: Watched): readonly JsonPattern[] {
  return Object.values(tables).map(({ tableName }) =>
    all(
      calls('dynamodb'),
      booleanValue('$.managementEvent', true),
      isChange,
      any(
        ...['tableName', 'tableArn', 'resourceArn', 'sourceTableName'].map((parameter) => names(parameter, tableName)),
      ),
    ),
  );
}

function changesOfApi({ api, config }: Watched): JsonPattern {
  return any(
    all(isChange, calls('apigateway'), is('requestParameters.apiId', api.apiId)),
    all(
      calls('logs'),
      isOneOf('eventName', 'Delete*', 'Put*'),
      is('requestParameters.logGroupName', `/aws/vendedlogs/${config.stackName}/*`),
    ),
  );
}

/** Changes that would keep the alarms silent. `DeleteAlarms` lists several names, so it is not compared with ours. */
function changesOfMonitoring({ config, topic }: Watched, logGroupName: string): readonly JsonPattern[] {
  return [
    all(calls('monitoring'), isOneOf('eventName', 'DeleteAlarms', 'DisableAlarmActions')),
    all(
      calls('monitoring'),
      is('eventName', 'PutMetricAlarm'),
      is('requestParameters.alarmName', `${config.stackName}-*`),
    ),
    all(
      calls('sns'),
      isChange,
      any(
        is('requestParameters.topicArn', topic.topicArn),
        is('requestParameters.subscriptionArn', `${topic.topicArn}:*`),
      ),
    ),
    all(calls('logs'), isOneOf('eventName', 'Delete*', 'Put*'), is('requestParameters.logGroupName', logGroupName)),
    all(calls('cloudtrail'), isOneOf('eventName', 'StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors')),
  ];
}

function changes(watched: Watched, logGroupName: string): readonly JsonPattern[] {
  return [
    ...[...watched.functions.keys()].map((lambda) => changesOfLambda(watched, lambda)),
    ...changesOfTables(watched),
    ...keysOf(watched).map(([, key]) => all(calls('kms'), isChange, is('resources[0].ARN', key.keyArn))),
    ...changesOfAudit(watched),
    ...(watched.healthCheck ? [changesOfFunction(watched.healthCheck.fn, watched.healthCheck.role)] : []),
    changesOfApi(watched),
    any(...changesOfMonitoring(watched, logGroupName)),
  ];
}

/**
 * Creates the filters that count, in the log group of a trail, what was done to the instance by anybody but its functions. A filter
 * pattern has at most 1,024 characters, so there are several for each metric.
 */
export function createTrailFilters(scope: Construct, watched: Watched, logGroupName: string): void {
  const logGroup = LogGroup.fromLogGroupName(scope, 'Trail', logGroupName);
  const patterns: readonly (readonly [FilteredMetricName, readonly JsonPattern[]])[] = [
    ['SignedByOthers', signatures(watched)],
    ['WrittenByOthers', writes(watched)],
    ['InvokedByOthers', invocations(watched)],
    ['Changed', changes(watched, logGroupName)],
  ];
  for (const [name, each] of patterns)
    for (const [index, filterPattern] of each.entries())
      new MetricFilter(scope, `${name}${index + 1}`, {
        logGroup,
        filterPattern,
        ...filteredMetric(watched.config, name),
      });
}
