// The filters on a CloudTrail trail, asked with events as CloudTrail records them.
// Source of the forms: the CloudTrail user guide, and the CloudTrail pages of KMS, DynamoDB, Lambda, IAM and CloudWatch.
import { describe, expect, test } from 'vitest';
import { lambdaNames } from '../../cdk/bundle/bundle.ts';
import { permissions } from '../../cdk/permissions.ts';
import type { LambdaName } from '../../functions/routes.ts';
import { filterPattern } from './filter-pattern.ts';
import { nameOf, resourceName, resourcesOf, synthesized, type Template } from './synthesized.ts';

const TRAIL = 'aws-cloudtrail-logs';
// As long as a name can be, so that the patterns are as long as they can be.
const stackName = 'actor-tokens-of-a-long-long-name';
const keyNumbers = { ticketKeys: [2, 1], sessionKeys: [1, 3], auditKeys: [1] };
const template = synthesized({ stackName, cloudTrailLogGroup: TRAIL, audit: 'on', ...keyNumbers });

/** The name that CloudFormation gives a resource, at its greatest usual length. */
function physicalName(logicalId: string): string {
  const type = template.Resources[logicalId]?.Type;
  const name = `${stackName}-${logicalId}`;
  return type === 'AWS::IAM::Role' || type === 'AWS::Lambda::Function'
    ? `${name.slice(0, 51)}-${logicalId.slice(-8)}ABCD`
    : `${name}-ABCDEFGHIJKLM`;
}

const ARN = 'arn:aws:x:eu-central-1:123456789012';

/** A value of the template as CloudFormation fills it in. */
function filledIn(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[kind, argument] = ['', undefined]] = Object.entries(Object(value));
  if (kind === 'Ref') return String(argument) in template.Resources ? physicalName(String(argument)) : `<${argument}>`;
  if (kind === 'Fn::GetAtt') {
    const [id, attribute] = argument as [string, string];
    return attribute === 'RoleId' ? roleId(id) : `${ARN}:role/${physicalName(id)}`;
  }
  const [separator, parts] = argument as [string, unknown[]];
  return parts.map(filledIn).join(separator);
}

function roleId(logicalId: string): string {
  return `AROA${[...logicalId.slice(-8), ...'EXAMPLE12'].join('')}`;
}

interface Filter {
  readonly metric: string;
  readonly pattern: string;
}

function filtersOf(of: Template): readonly Filter[] {
  return resourcesOf(of, 'AWS::Logs::MetricFilter')
    .filter(([, { Properties }]) => Properties.LogGroupName === TRAIL)
    .map(([, { Properties }]) => {
      const [{ MetricName }] = Properties.MetricTransformations as [{ MetricName: string }];
      return { metric: MetricName, pattern: filledIn(Properties.FilterPattern) };
    });
}

const filters = filtersOf(template);
const decisions = filters.map(({ metric, pattern }) => [metric, filterPattern(pattern)] as const);

/** The metrics in which an event counts. */
function countedIn(event: object): readonly string[] {
  return [...new Set(decisions.filter(([, matches]) => matches(event)).map(([metric]) => metric))].sort();
}

function idOf(type: string, name: string): string {
  const [id] =
    resourcesOf(template, type).find(([each]) => nameOf(each) === name) ?? expect.fail(`There is no ${name}.`);
  return id;
}

const roleOf = (lambda: LambdaName) => idOf('AWS::IAM::Role', `${resourceName(lambda)}Role`);
const functionOf = (lambda: LambdaName) =>
  physicalName(idOf('AWS::Lambda::Function', `${resourceName(lambda)}Function`));
const keyArn = (name: string) => `${ARN}:role/${physicalName(idOf('AWS::KMS::Key', name))}`;
const tables = resourcesOf(template, 'AWS::DynamoDB::GlobalTable').map(([id]) => physicalName(id));
const [anyTable = ''] = tables;

/** A function of ours: its role, in a session of its name. */
function byFunction(lambda: LambdaName, id = roleId(roleOf(lambda))): object {
  const userName = physicalName(roleOf(lambda));
  return {
    type: 'AssumedRole',
    principalId: `${id}:${functionOf(lambda)}`,
    sessionContext: { sessionIssuer: { type: 'Role', principalId: id, userName } },
  };
}

const byOthers = {
  'an administrator': {
    type: 'AssumedRole',
    principalId: 'AROAADMINISTRATOREXAM:somebody',
    sessionContext: { sessionIssuer: { userName: 'Admin' } },
  },
  "a role whose name begins like the stack's": {
    type: 'AssumedRole',
    principalId: 'AROASOMEOTHERROLEEXAM:x',
    sessionContext: { sessionIssuer: { userName: `${stackName}-x` } },
  },
  'a role that was made anew under the name of one of ours': byFunction('create-sign-in', 'AROAMADEANEWEXAMPLE12'),
  'an IAM user': { type: 'IAMUser', principalId: 'AIDAEXAMPLE1234567890', userName: 'somebody' },
  root: { type: 'Root', principalId: '123456789012' },
  'a service of AWS': { type: 'AWSService', invokedBy: 'glue.amazonaws.com' },
};
const somebody = byOthers['an administrator'];

function call(service: string, eventName: string, more: object = {}): object {
  return {
    eventSource: `${service}.amazonaws.com`,
    eventName,
    readOnly: false,
    managementEvent: true,
    userIdentity: somebody,
    requestParameters: {},
    ...more,
  };
}

const sign = (key: string, userIdentity: object) =>
  call('kms', 'Sign', { readOnly: true, userIdentity, resources: [{ ARN: keyArn(key) }] });
const write = (eventName: string, userIdentity: object, readOnly: boolean | undefined = false) =>
  call('dynamodb', eventName, {
    managementEvent: false,
    readOnly,
    userIdentity,
    requestParameters: { tableName: anyTable },
  });
const invoke = (eventName: string, userIdentity: object) =>
  call('lambda', eventName, {
    managementEvent: false,
    userIdentity,
    requestParameters: { functionName: functionOf('users') },
  });

describe('what the functions do does not ring:', () => {
  const events = lambdaNames.flatMap((lambda) => {
    const { tables: written, keys = {} } = permissions[lambda];
    const actions = new Set(Object.values(written).flat());
    return [
      ...(keys.ticket?.includes('Sign') ? [[`${lambda} signs a ticket`, sign('TicketKey', byFunction(lambda))]] : []),
      ...(keys.session?.includes('Sign') ? [[`${lambda} signs`, sign('SessionKey3', byFunction(lambda))]] : []),
      ...(actions.has('UpdateItem') ? [[`${lambda} writes`, write('UpdateItem', byFunction(lambda))]] : []),
      ...(actions.has('PutItem') ? [[`${lambda} creates`, write('PutItem', byFunction(lambda))]] : []),
      [
        `${lambda} begins a log stream`,
        call('logs', 'CreateLogStream', {
          userIdentity: byFunction(lambda),
          requestParameters: { logGroupName: physicalName(idOf('AWS::Logs::LogGroup', `${resourceName(lambda)}Logs`)) },
        }),
      ],
    ] as [string, object][];
  });

  test.each(events)('%s', (_, event) => {
    expect(countedIn(event)).toEqual([]);
  });

  test('API Gateway calls one', () => {
    expect(countedIn(invoke('Invoke', { type: 'AWSService', invokedBy: 'apigateway.amazonaws.com' }))).toEqual([]);
  });

  test('somebody reads a table or a key', () => {
    expect(countedIn(write('GetItem', somebody, true))).toEqual([]);
    expect(
      countedIn(call('kms', 'GetPublicKey', { readOnly: true, resources: [{ ARN: keyArn('TicketKey') }] })),
    ).toEqual([]);
  });
});

describe.each(Object.entries(byOthers))('%s rings', (_, identity) => {
  test.each(['TicketKey', 'TicketKey2', 'SessionKey', 'SessionKey3'])('who signs with %s', (key) => {
    expect(countedIn(sign(key, identity))).toEqual(['SignedByOthers']);
  });

  test.each(['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem', 'TransactWriteItems'])('who calls %s', (name) => {
    expect(countedIn(write(name, identity))).toEqual(['WrittenByOthers']);
  });

  test.each(['ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction'])('who calls %s', (name) => {
    expect(countedIn(write(name, identity, true))).toEqual(['WrittenByOthers']);
    expect(countedIn(write(name, identity, undefined))).toEqual(['WrittenByOthers']);
  });

  test('who calls a function', () => {
    expect(countedIn(invoke('Invoke', identity))).toEqual(['InvokedByOthers']);
  });
});

describe('the health check', () => {
  const check = physicalName(idOf('AWS::Lambda::Function', 'HealthCheckFunction'));
  const invokeCheck = (userIdentity: object) =>
    call('lambda', 'Invoke', {
      managementEvent: false,
      userIdentity,
      requestParameters: { functionName: `${ARN}:function:${check}` },
    });

  test.each([
    ['does not ring when its schedule calls it', 'events', []],
    ['rings when another service calls it', 'lambda', ['InvokedByOthers']],
  ])('%s', (_, service, counted) => {
    expect(countedIn(invokeCheck({ type: 'AWSService', invokedBy: `${service}.amazonaws.com` }))).toEqual(counted);
  });

  test('rings when somebody calls it, or changes what it does', () => {
    const change = { requestParameters: { functionName: check }, userIdentity: somebody };

    expect(countedIn(invokeCheck(somebody))).toEqual(['InvokedByOthers']);
    expect(countedIn(call('lambda', 'UpdateFunctionCode20150331v2', change))).toEqual(['Changed']);
  });
});

describe('the log of the record', () => {
  const sealer = physicalName(idOf('AWS::Lambda::Function', 'AuditSealerFunction'));
  const role = idOf('AWS::IAM::Role', 'AuditSealerRole');
  const bySealer = { type: 'AssumedRole', principalId: `${roleId(role)}:${sealer}` };
  const invokeSealer = (userIdentity: object) =>
    call('lambda', 'Invoke', {
      managementEvent: false,
      userIdentity,
      requestParameters: { functionName: `${ARN}:function:${sealer}` },
    });

  test('does not ring by the sealer, and the services that invoke it', () => {
    expect(countedIn(sign('AuditAuditKey', bySealer))).toEqual([]);
    for (const service of ['lambda', 'events'])
      expect(countedIn(invokeSealer({ type: 'AWSService', invokedBy: `${service}.amazonaws.com` })), service).toEqual(
        [],
      );
  });

  test.each(Object.entries(byOthers))('rings when %s signs with its key or calls the sealer', (_, identity) => {
    expect(countedIn(sign('AuditAuditKey', identity))).toEqual(['SignedByOthers']);
    expect(countedIn(invokeSealer(identity))).toEqual(['InvokedByOthers']);
  });

  test('rings when a function signs with its key, and when the sealer signs with another', () => {
    expect(countedIn(sign('AuditAuditKey', byFunction('users')))).toEqual(['SignedByOthers']);
    expect(countedIn(sign('TicketKey', bySealer))).toEqual(['SignedByOthers']);
  });

  test.each<readonly [string, object]>([
    ['its code', call('lambda', 'UpdateFunctionCode20150331v2', { requestParameters: { functionName: sealer } })],
    ['its role', call('iam', 'PutRolePolicy', { requestParameters: { roleName: physicalName(role) } })],
    [
      'a stream that no longer invokes it',
      call('lambda', 'UpdateEventSourceMapping20150331', {
        requestParameters: { uuid: 'x', enabled: false },
        responseElements: {
          functionArn: filledIn({ 'Fn::GetAtt': [idOf('AWS::Lambda::Function', 'AuditSealerFunction'), 'Arn'] }),
        },
      }),
    ],
    ['its key', call('kms', 'DisableKey', { resources: [{ ARN: keyArn('AuditAuditKey') }] })],
    [
      'its bucket',
      call('s3', 'PutBucketPolicy', {
        requestParameters: { bucketName: physicalName(idOf('AWS::S3::Bucket', 'AuditSeals')) },
      }),
    ],
  ])('rings when somebody changes %s', (_, event) => {
    expect(countedIn(event)).toEqual(['Changed']);
  });
});

describe('a function that signs with a key that is not its own rings', () => {
  test.each([
    ['create-actor-token', 'SessionKey'],
    ['browser-sessions', 'TicketKey'],
    ['users', 'SessionKey'],
  ] as const)('%s with %s', (lambda, key) => {
    expect(countedIn(sign(key, byFunction(lambda)))).toEqual(['SignedByOthers']);
  });
});

describe('a change rings', () => {
  const on = (parameter: string, value: string) => ({ requestParameters: { [parameter]: value } });

  type Row = readonly [name: string, event: object];

  describe.each(lambdaNames)('of %s:', (lambda) => {
    const fn = functionOf(lambda);
    const roleName = physicalName(roleOf(lambda));
    const logs = physicalName(idOf('AWS::Logs::LogGroup', `${resourceName(lambda)}Logs`));

    test.each<Row>([
      ...['UpdateAssumeRolePolicy', 'PutRolePolicy', 'AttachRolePolicy', 'DeleteRole', 'DeleteRolePolicy'].map(
        (name): Row => [name, call('iam', name, on('roleName', roleName))],
      ),
      ...[
        'UpdateFunctionCode20150331v2',
        'UpdateFunctionConfiguration20150331v2',
        'AddPermission20150331v2',
        'CreateFunctionUrlConfig',
        'PutFunctionConcurrency20171031',
        'DeleteFunction20150331',
      ].map((name): Row => [name, call('lambda', name, on('functionName', fn))]),
      [
        'its code, by ARN',
        call('lambda', 'UpdateFunctionCode20150331v2', on('functionName', `${ARN}:function:${fn}:1`)),
      ],
      [
        'another function takes its role',
        call('lambda', 'CreateFunction20150331', {
          requestParameters: { functionName: 'x', role: `${ARN}:role/${roleName}` },
        }),
      ],
      ...['DeleteLogGroup', 'DeleteLogStream', 'PutRetentionPolicy', 'PutSubscriptionFilter'].map(
        (name): Row => [name, call('logs', name, on('logGroupName', logs))],
      ),
    ])('%s', (_, event) => {
      expect(countedIn(event)).toEqual(['Changed']);
    });
  });

  test.each(tables)('of the table %s', (table) => {
    for (const name of ['UpdateTimeToLive', 'DeleteTable', 'UpdateTable', 'UpdateContinuousBackups'])
      for (const tableName of [table, `${ARN}:table/${table}`])
        expect(countedIn(call('dynamodb', name, on('tableName', tableName))), name).toEqual(['Changed']);
    expect(countedIn(call('dynamodb', 'PutResourcePolicy', on('resourceArn', `${ARN}:table/${table}`)))).toEqual([
      'Changed',
    ]);
    expect(countedIn(call('dynamodb', 'RestoreTableToPointInTime', on('sourceTableName', table)))).toEqual(['Changed']);
    expect(countedIn(call('dynamodb', 'ExportTableToPointInTime', on('tableArn', `${ARN}:table/${table}`)))).toEqual([
      'Changed',
    ]);
  });

  test.each(['TicketKey', 'TicketKey2', 'SessionKey', 'SessionKey3'])('of %s', (key) => {
    for (const name of ['PutKeyPolicy', 'CreateGrant', 'DisableKey', 'ScheduleKeyDeletion'])
      expect(countedIn(call('kms', name, { resources: [{ ARN: keyArn(key) }] })), name).toEqual(['Changed']);
  });

  const topic = physicalName(idOf('AWS::SNS::Topic', 'AlarmTopic'));

  test.each<Row>([
    [
      'of the API',
      call('apigateway', 'UpdateIntegration', on('apiId', physicalName(idOf('AWS::ApiGatewayV2::Api', 'Api')))),
    ],
    [
      'of the access log',
      call('logs', 'PutRetentionPolicy', on('logGroupName', `/aws/vendedlogs/${stackName}/1/access`)),
    ],
    ['of an alarm that it deletes', call('monitoring', 'DeleteAlarms', { requestParameters: { alarmNames: ['x'] } })],
    ['of an alarm that it silences', call('monitoring', 'DisableAlarmActions')],
    ['of an alarm that it replaces', call('monitoring', 'PutMetricAlarm', on('alarmName', `${stackName}-changed`))],
    ['of the subscription', call('sns', 'Unsubscribe', on('subscriptionArn', `${topic}:0f1e2d3c`))],
    ['of the topic', call('sns', 'SetTopicAttributes', on('topicArn', topic))],
    ['of the filters', call('logs', 'DeleteMetricFilter', on('logGroupName', TRAIL))],
    ...['StopLogging', 'DeleteTrail', 'UpdateTrail', 'PutEventSelectors'].map(
      (name): Row => [`of the trail: ${name}`, call('cloudtrail', name)],
    ),
  ])('%s', (_, event) => {
    expect(countedIn(event)).toEqual(['Changed']);
  });

  test('of a part of another instance does not', () => {
    expect(countedIn(call('iam', 'PutRolePolicy', on('roleName', `${stackName}-x`)))).toEqual([]);
    expect(countedIn(call('lambda', 'UpdateFunctionCode20150331v2', on('functionName', 'x')))).toEqual([]);
    expect(countedIn(call('dynamodb', 'DeleteTable', on('tableName', 'x')))).toEqual([]);
    expect(countedIn(call('kms', 'PutKeyPolicy', { resources: [{ ARN: `${ARN}:key/x` }] }))).toEqual([]);
  });
});

describe('the filters', () => {
  test('are within the limits of CloudWatch: 1,024 characters each, and 100 for a log group', () => {
    for (const { pattern } of filters) expect(pattern.length, pattern).toBeLessThanOrEqual(1024);
    expect(filters.length).toBeLessThanOrEqual(50);
  });

  test('each have an alarm, which rings at the first event', () => {
    const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);

    for (const metric of new Set(filters.map((filter) => filter.metric)))
      expect(alarms).toContainEqual(
        expect.objectContaining({
          Namespace: `ActorTokens/${stackName}`,
          MetricName: metric,
          Threshold: 1,
          Statistic: 'Sum',
          Period: 300,
        }),
      );
  });

  test('are not there without the log group of a trail', () => {
    expect(filtersOf(synthesized())).toEqual([]);
  });
});
