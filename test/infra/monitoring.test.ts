import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { ActorTokensProps } from '../../cdk/actor-tokens.ts';
import { LAST_USE_QUERY, savedQueryName } from '../../cdk/saved-query-name.ts';
import { httpRoutes } from '../../functions/routes.ts';
import type { LogFields } from '../../shared/base/log.ts';
import { METRIC_NAMESPACE, type MetricName as MetricId, metrics } from '../../shared/base/metrics.ts';
import { errorCatalogue } from '../../shared/http/error-catalogue.ts';
import { behindCloudFront, withDomainName } from './configured.ts';
import { filterPattern } from './filter-pattern.ts';
import { readable, resourcesOf, synthesized, type Template } from './synthesized.ts';

const template = synthesized({ alarmEmail: 'oncall@example.com' });
const runbooks = readFileSync(new URL('../../docs/runbooks.md', import.meta.url), 'utf8');
const cost = readFileSync(new URL('../../docs/cost.md', import.meta.url), 'utf8');
const withoutCloudFront = alarmsOf(template);
/** Every alarm that an instance can have. */
const alarms = alarmsOf(synthesized({ ...behindCloudFront, cloudTrailLogGroup: 'aws-cloudtrail-logs', audit: 'on' }));
const dashboard = dashboardOf(synthesized({ audit: 'on' }));

interface Alarm {
  readonly AlarmName: string;
  readonly AlarmDescription: string;
  readonly TreatMissingData: string;
  readonly AlarmActions: readonly unknown[];
  readonly Metrics?: readonly { readonly MetricStat?: { readonly Metric: MetricName } }[];
}

interface MetricName {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string }[];
}

interface Widget {
  readonly properties: { readonly title?: string; readonly query?: string; readonly metrics?: readonly unknown[][] };
}

/** The properties of the one resource of a type. */
function propertiesOf(of: Template, type: string): Readonly<Record<string, unknown>> {
  const [[, only] = []] = resourcesOf(of, type);
  return only?.Properties ?? expect.fail(`There is no ${type}.`);
}

function alarmsOf(of: Template): readonly Alarm[] {
  return resourcesOf(of, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties as unknown as Alarm);
}

/** The widgets of a dashboard. A value that CloudFormation fills in is `x`. */
function dashboardOf(of: Template): readonly Widget[] {
  const { DashboardBody } = propertiesOf(of, 'AWS::CloudWatch::Dashboard');
  const {
    'Fn::Join': [, parts],
  } = DashboardBody as { 'Fn::Join': [string, unknown[]] };
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'x')).join('')).widgets;
}

/** `Refused by code`: the name of a metric of ours, with its second dimension. */
function named(name: string, dimensions: readonly string[]): string {
  expect(dimensions).toContain('instance');
  const by = dimensions.filter((dimension) => dimension !== 'instance');
  return by.length === 0 ? name : `${name} by ${by.join(', ')}`;
}

const emitted = Object.entries(metrics).map(([name, metric]) =>
  named(name, ['instance', ...('by' in metric ? [metric.by] : [])]),
);

interface MetricFilter {
  readonly FilterPattern: unknown;
  readonly MetricTransformations: readonly { readonly MetricNamespace: string; readonly MetricName: string }[];
}

function metricFiltersOf(of: Template): readonly MetricFilter[] {
  return resourcesOf(of, 'AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties as unknown as MetricFilter);
}

/** `ActorTokens/actor-tokens-dev ThrottledRequests`: the metrics that filters count. */
function filteredMetricsOf(of: Template): readonly string[] {
  const all = metricFiltersOf(of).flatMap(({ MetricTransformations }) => MetricTransformations);
  return [...new Set(all.map(({ MetricNamespace, MetricName }) => `${MetricNamespace} ${MetricName}`))].sort();
}

function ownMetricsOf(alarm: Alarm): readonly string[] {
  const plain = 'Namespace' in alarm ? [alarm as unknown as MetricName] : [];
  const asked = [...plain, ...(alarm.Metrics ?? []).flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])];
  return asked
    .filter(({ Namespace }) => Namespace === METRIC_NAMESPACE)
    .map(({ MetricName, Dimensions }) =>
      named(
        MetricName,
        Dimensions.map(({ Name }) => Name),
      ),
    );
}

/** A row of a graph is namespace, name, then dimensions and values in turn; or an expression that searches for them. */
function ownMetricOf(row: readonly unknown[]): readonly string[] {
  const [first, name, ...rest] = row;
  if (typeof first === 'object') {
    const { expression } = first as { expression: string };
    const [, schema = '', found = ''] = /^SEARCH\('\{([^}]+)\} MetricName="(\w+)"/.exec(expression) ?? [];
    const [namespace, ...dimensions] = schema.split(',');
    return namespace === METRIC_NAMESPACE ? [named(found, dimensions)] : [];
  }
  const dimensions = rest.filter((part, index) => typeof part === 'string' && index % 2 === 0).map(String);
  return first === METRIC_NAMESPACE ? [named(String(name), dimensions)] : [];
}

const nameOf = ({ AlarmName }: Alarm) => AlarmName.replace(/^actor-tokens-(dev|prod)-/, '');

/** The anchors of a document's sections, as GitHub makes them. */
const sections = [...runbooks.matchAll(/^## (.+)$/gm)].map(([, title = '']) =>
  title
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replaceAll(' ', '-'),
);

interface SavedQuery {
  readonly Name: string;
  readonly QueryString: string;
  readonly LogGroupNames: readonly unknown[];
}

function savedQueriesOf(of: Template): readonly SavedQuery[] {
  return resourcesOf(of, 'AWS::Logs::QueryDefinition').map(([, { Properties }]) => Properties as unknown as SavedQuery);
}

/** The log groups of these functions. */
function logGroupsOf(of: Template, isWanted: (functionId: string) => boolean): readonly unknown[] {
  const functions = resourcesOf(of, 'AWS::Lambda::Function').filter(([id]) => isWanted(id));
  return functions.map(([, { Properties }]) => (Properties.LoggingConfig as { LogGroup: unknown }).LogGroup);
}

/** The names a query uses: all words but those of the language, in strings and patterns, and the names it gives itself. */
function fieldsOf(query: string): readonly string[] {
  const own = new Set([...query.matchAll(/ as (\w+)/g)].map(([, name]) => name));
  const words = query.replace(/"[^"]*"|\/[^/\n]+\/|\b\d+\w*/g, ' ').match(/@?[A-Za-z]\w*/g) ?? [];
  const language =
    'filter fields stats sort limit by as and or not in like desc asc count min max pct bin ispresent'.split(' ');
  return [...new Set(words)].filter((word) => !language.includes(word) && !own.has(word));
}

/** The fields that CloudWatch adds to every line. */
const OF_CLOUDWATCH = ['@timestamp', '@message', '@log', '@requestId'];

/** The fields of a log line. The compiler accepts this object only when it has each of them and no other. */
const requestFields: Readonly<Record<keyof LogFields, true>> = {
  actor_sub: true,
  actor_token_id: true,
  causes: true,
  code: true,
  duration_ms: true,
  error: true,
  instance: true,
  method: true,
  operation: true,
  request_id: true,
  route: true,
  secret_key_id: true,
  session_id: true,
  session_ids: true,
  source_ip: true,
  stack: true,
  status: true,
  trace_id: true,
  user_id: true,
  user_ids: true,
};

const logFields = [
  ...Object.keys(requestFields),
  ...Object.keys(metrics),
  ...Object.values(metrics).flatMap((metric) => ('by' in metric ? [metric.by] : [])),
  ...['level', 'message', 'what'],
];

/** The fields of the line of a health check. */
const checkFields = ['level', 'message', 'instance', 'url', 'problem'];

describe('an alarm', () => {
  test('exists for everything that somebody must look at', () => {
    expect(withoutCloudFront.map(nameOf).sort()).toEqual([
      'busy',
      'dropped-failures',
      'function-errors',
      'function-throttles',
      'invalid-tickets',
      'kms-throttled',
      'many-requests',
      'missing-secret-keys',
      'refused-secret-keys',
      'server-errors',
      'tampered',
      'throttled-requests',
      'unreachable',
      'used-ticket',
    ]);
  });

  test('exists behind CloudFront also for requests that bypass it', () => {
    const names = withoutCloudFront.map(nameOf);
    const [added, ...others] = alarmsOf(synthesized(behindCloudFront)).filter(
      (alarm) => !names.includes(nameOf(alarm)),
    );

    expect(others).toEqual([]);
    expect(added).toMatchObject({
      AlarmName: 'actor-tokens-prod-origin-refused',
      MetricName: 'Refused' satisfies MetricId,
      Dimensions: expect.arrayContaining([{ Name: 'code', Value: 'authorization_invalid' }]),
      Statistic: 'Sum',
      Period: 300,
      Threshold: 50,
    });
  });

  test.each(alarms.map((alarm) => [nameOf(alarm), alarm] as const))(
    '%s has one sentence of meaning and the name of its runbook',
    (name, { AlarmDescription }) => {
      expect(AlarmDescription).toMatch(/^[A-Z][^.]+\. What to do: docs\/runbooks\.md#[a-z-]+$/);
      expect(AlarmDescription.split('#')[1]).toBe(name);
      expect(sections).toContain(name);
    },
  );

  test('exists for every section of the runbooks that describes one', () => {
    const meanings = runbooks.split(/^## /m).filter((section) => section.includes('\n**Means** '));

    expect(meanings.map((section) => section.split('\n')[0]).sort()).toEqual(alarms.map(nameOf).sort());
    for (const section of meanings) expect(section).toMatch(/\*\*Look at\*\* .+\*\*Do\*\* .+\*\*Over\*\* /s);
  });

  test.each(alarms.map((alarm) => [nameOf(alarm), alarm] as const))(
    '%s does not fire without requests, unless it is about that, and publishes to the topic',
    (name, alarm) => {
      expect(alarm.TreatMissingData).toBe(name === 'unreachable' ? 'breaching' : 'notBreaching');
      expect(alarm.AlarmActions).toEqual([{ Ref: expect.stringMatching(/^AlarmTopic/) }]);
    },
  );

  test.each(alarms.map((alarm) => [nameOf(alarm), alarm] as const))(
    '%s has no more metrics than CloudWatch allows',
    (_name, { Metrics = [] }) => {
      expect(Metrics.filter(({ MetricStat }) => MetricStat).length).toBeLessThanOrEqual(10);
    },
  );

  test('uses only metrics that the functions emit', () => {
    const asked = alarms.flatMap(ownMetricsOf);

    expect(asked).not.toHaveLength(0);
    expect(asked.filter((metric) => !emitted.includes(metric))).toEqual([]);
  });
});

function alarmNamed(name: string, of: Template = template): Alarm {
  return alarmsOf(of).find((alarm) => nameOf(alarm) === name) ?? expect.fail(`There is no alarm ${name}.`);
}

describe('a flood', () => {
  test('of calls without a secret key rings, whatever form they have', () => {
    const { Metrics = [], ...alarm } = alarmNamed('missing-secret-keys') as Alarm & { Threshold: number };
    const codes = JSON.stringify(Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric.Dimensions ?? []));

    expect(alarm.Threshold).toBe(100);
    expect(codes).toContain('"authentication_invalid"');
    expect(codes).toContain('"authorization_header_format_invalid"');
  });

  test('rings when the whole API is asked half as often as one route may be', () => {
    const rows = [{}, { requestsPerSecond: 4 }].map((props) => alarmNamed('many-requests', synthesized(props)));

    expect(rows).toMatchObject([
      { Namespace: 'AWS/ApiGateway', MetricName: 'Count', Statistic: 'Sum', Period: 300, Threshold: 12_000 },
      { MetricName: 'Count', Threshold: 600 },
    ]);
  });

  describe('that API Gateway throttles is counted in the access log:', () => {
    const [{ FilterPattern, MetricTransformations } = expect.fail('There is no filter.')] = metricFiltersOf(template);
    const { AccessLogSettings } = propertiesOf(template, 'AWS::ApiGatewayV2::Stage');
    const { Format } = AccessLogSettings as { Format: string };
    /** A line of the access log: API Gateway replaces each variable by its value. */
    const lineWith = (values: Readonly<Record<string, string>>) =>
      JSON.parse(Format.replaceAll(/\$context\.([\w.]+)/g, (_, name: string) => values[name] ?? '-'));
    const isCounted = filterPattern(String(FilterPattern));

    test.each([
      ['a request that API Gateway turned away', { status: '429' }, true],
      ['a request that a function answered with 429', { status: '429', integrationLatency: '31' }, false],
      ['a request that no function was asked about', { status: '404' }, false],
      ['a request that succeeded', { status: '200', integrationLatency: '31' }, false],
    ])('%s', (_, values, expected) => {
      expect(isCounted(lineWith(values))).toBe(expected);
    });

    test('into the metric of the alarm', () => {
      const [{ MetricNamespace: Namespace, MetricName } = expect.fail('It counts nothing.')] = MetricTransformations;

      expect(alarmNamed('throttled-requests')).toMatchObject({ Namespace, MetricName, Threshold: 10, Period: 300 });
    });
  });

  test('of one instance is not counted for another', () => {
    const one = filteredMetricsOf(synthesized({ stackName: 'one' }));
    const other = filteredMetricsOf(synthesized({ stackName: 'other' }));

    expect(one).not.toEqual([]);
    expect(one.filter((metric) => other.includes(metric))).toEqual([]);
  });
});

describe('the costs in the documents are those of the template:', () => {
  /** A month of the alarms, in dollars: CloudWatch bills each metric of an alarm. */
  const costOf = (of: Template) => {
    const metricsOf = ({ Metrics }: Alarm) => Metrics?.filter(({ MetricStat }) => MetricStat).length ?? 1;
    return `$${(alarmsOf(of).reduce((sum, alarm) => sum + metricsOf(alarm), 0) / 10).toFixed(2)}`;
  };

  test('a month of the alarms', () => {
    expect(costOf(template)).toBe('$3.30');
    expect(costOf(synthesized(behindCloudFront))).toBe('$3.40');
    expect(costOf(synthesized({ cloudTrailLogGroup: 'aws-cloudtrail-logs' }))).toBe('$3.70');
    expect(costOf(synthesized({ audit: 'on' }))).toBe('$3.50');
    const sentence =
      '$3.30, with CloudFront in front $0.10 more, with `cloudTrailLogGroup` $0.40 more, with `audit` $0.20 more';
    expect(runbooks).toContain(`The alarms are ${sentence}.`);
    expect(cost).toContain(`alarms ${sentence.replace(', ', ' (')})`);
  });

  test('a month of every metric at the very most', () => {
    // The members of EndCause, a type.
    const causes = 9;
    const codes = Object.keys(errorCatalogue).length;
    const plain = Object.values(metrics).filter((metric) => !('by' in metric)).length;

    expect((plain + filteredMetricsOf(template).length + causes + codes) * 0.3).toBeLessThan(20);
    expect(runbooks).toContain('the metrics would be less than $20');
    expect(cost).toContain('less than $20 in all');
  });

  test('a day of a flood of every route', () => {
    const [, routeCount = '', millions = '', dollars = ''] =
      /^\| all (\d+) routes .*\| +(\d+) million \| +\*\*\$(\d+)\*\*/m.exec(cost) ?? [];
    const [, perMillion = ''] = /^\| JWKS.*\*\*\$([\d.]+)\*\*/m.exec(cost) ?? [];
    const inMillions = (Number(routeCount) * 80 * 86_400) / 1e6;

    // The route of everything that is not in the list is one too. A few routes more or less do not change what the page says.
    expect(Math.abs(Number(routeCount) - (httpRoutes().length + 1))).toBeLessThanOrEqual(4);
    expect(millions).toBe(inMillions.toFixed(0));
    expect(Math.abs(Number(dollars) - inMillions * Number(perMillion))).toBeLessThan(2);
  });
});

describe('the health check', () => {
  const checkedBy = (props: ActorTokensProps) => {
    const functions = resourcesOf(synthesized(props), 'AWS::Lambda::Function');
    const [, check] = functions.find(([id]) => id.startsWith('HealthCheck')) ?? [];
    return readable(Object(check?.Properties.Environment).Variables.CHECKED_URLS);
  };

  test.each<[string, ActorTokensProps, string]>([
    ["API Gateway's own host", {}, 'Api.ApiEndpoint'],
    ['a custom domain', withDomainName, 'https://clerk.example.com'],
    ['CloudFront', behindCloudFront, 'https://clerk.example.com'],
    [
      'a proxy, and the API behind it',
      { proxyUrl: 'https://app.example.com/__clerk' },
      'Api.ApiEndpoint,https://app.example.com/__clerk',
    ],
    ['no address of a developer', { proxyUrl: 'http://localhost:3000/__clerk' }, 'Api.ApiEndpoint'],
  ])('asks %s', (_name, props, urls) => {
    expect(checkedBy(props)).toBe(urls);
  });

  test('is made every minute, and the alarm fires when none of five minutes succeeded or was made', () => {
    const [[id] = []] = resourcesOf(template, 'AWS::Lambda::Function').filter(([name]) =>
      name.startsWith('HealthCheck'),
    );

    expect(propertiesOf(template, 'AWS::Events::Rule')).toMatchObject({
      ScheduleExpression: 'rate(1 minute)',
      State: 'ENABLED',
      Targets: [{ Arn: { 'Fn::GetAtt': [id, 'Arn'] }, RetryPolicy: { MaximumRetryAttempts: 0 } }],
    });
    expect(alarmNamed('unreachable')).toMatchObject({
      Namespace: 'AWS/Lambda',
      MetricName: 'Errors',
      Dimensions: [{ Name: 'FunctionName', Value: { Ref: id } }],
      Statistic: 'Minimum',
      Period: 300,
      Threshold: 1,
      EvaluationPeriods: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'breaching',
    });
  });

  test('can be switched off, with its alarm', () => {
    const without = synthesized({ healthCheck: false });

    expect(resourcesOf(without, 'AWS::Events::Rule')).toEqual([]);
    expect(alarmsOf(without).map(nameOf)).not.toContain('unreachable');
  });
});

test('a session that ended because a table was written rings', () => {
  expect(alarmNamed('tampered')).toMatchObject({
    MetricName: 'SessionsEnded' satisfies MetricId,
    Dimensions: expect.arrayContaining([{ Name: 'end_cause', Value: 'tampered' }]),
    Threshold: 1,
  });
});

describe('the dashboard', () => {
  const shown = dashboard.flatMap(({ properties }) => properties.metrics ?? []).flatMap(ownMetricOf);

  test('shows every metric that the functions emit, and no other', () => {
    expect([...new Set(shown)].sort()).toEqual([...emitted].sort());
  });

  test('queries only fields that the log has', () => {
    const asked = dashboard.flatMap(({ properties }) => properties.query?.replace(/^.*SOURCE 'x' \| /, '') ?? []);

    expect(asked).toHaveLength(1);
    for (const query of asked) expect(fieldsOf(query).filter((field) => !logFields.includes(field))).toEqual([]);
  });
});

describe('a saved query', () => {
  const everything = synthesized({ ...behindCloudFront, audit: 'on' });
  const saved = savedQueriesOf(everything).map(
    (query) => [query.Name.replace('actor-tokens-prod/', ''), query] as const,
  );
  const isAccessLog = (id: string) => id.startsWith('AccessLogs');
  const isSealer = (id: string) => id.startsWith('AuditSealer');
  const isHealthCheck = (id: string) => id.startsWith('HealthCheck');
  const logs = {
    access: resourcesOf(everything, 'AWS::Logs::LogGroup').flatMap(([id]) => (isAccessLog(id) ? [{ Ref: id }] : [])),
    functions: logGroupsOf(everything, (id) => !isSealer(id) && !isHealthCheck(id)),
    sealer: logGroupsOf(everything, isSealer),
    'health check': logGroupsOf(everything, isHealthCheck),
  };
  const { AccessLogSettings } = propertiesOf(everything, 'AWS::ApiGatewayV2::Stage');
  const { Format } = AccessLogSettings as { Format: string };
  const fields = {
    access: Object.keys(JSON.parse(Format)),
    functions: logFields,
    sealer: logFields,
    'health check': checkFields,
  };

  test('exists for each query that the runbooks name, and for the last use of each secret key', () => {
    const named = [...runbooks.matchAll(/[Qq]uery\s`([^`]+)`/g)].map(([, name = '']) => name);

    expect(saved.map(([name]) => name).sort()).toEqual([...new Set([...named, LAST_USE_QUERY])].sort());
  });

  test('exists only where its log does', () => {
    const names = savedQueriesOf(template).map(({ Name }) => Name);

    expect(names).toContain(savedQueryName('actor-tokens-dev', LAST_USE_QUERY));
    expect(names.join()).not.toMatch(/audit-behind|origin-refused/);
  });

  test.each(saved)('"%s" asks one of the logs, all of its groups, for fields that it has', (_name, query) => {
    const asked = JSON.stringify(query.LogGroupNames);
    const log = (['access', 'functions', 'sealer', 'health check'] as const).find(
      (each) => JSON.stringify(logs[each]) === asked,
    );
    const known = [...fields[log ?? expect.fail(`It asks ${asked}.`)], ...OF_CLOUDWATCH];

    expect(query.LogGroupNames).not.toHaveLength(0);
    expect(fieldsOf(query.QueryString).filter((field) => !known.includes(field))).toEqual([]);
  });

  test.each(saved)('"%s" asks for no address of callers who prove nothing', (_name, { QueryString }) => {
    const isAboutUnproved = /ticket_invalid_code|clerk_key_invalid|authorization_|authentication_invalid/.test(
      QueryString,
    );

    expect(isAboutUnproved && QueryString.includes('source_ip')).toBe(false);
  });

  test('for the last use of each secret key counts no request whose secret key was refused', () => {
    const [, { QueryString } = expect.fail('There is none.')] = saved.find(([name]) => name === LAST_USE_QUERY) ?? [];

    expect(QueryString).toContain('ispresent(secret_key_id) and status != 401');
    expect(QueryString).toContain('stats max(@timestamp) as last_use, count(*) as requests by secret_key_id');
  });
});

test('no command of the runbooks has the secret key as an argument, which other users can list', () => {
  const commands = runbooks.split('\n').filter((line) => /\$SECRET_KEY"/.test(line));

  expect(commands.length).toBeGreaterThan(0);
  for (const command of commands) expect(command).toMatch(/ -H @- <<< "Authorization: Bearer \$SECRET_KEY"/);
});

test('every anchor that the runbooks link to exists', () => {
  const anchors = [...runbooks.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);

  expect(anchors.filter((anchor) => !sections.includes(anchor ?? ''))).toEqual([]);
});

describe('the topic of the alarms', () => {
  const [[topicId] = []] = resourcesOf(template, 'AWS::SNS::Topic');
  const { PolicyDocument } = propertiesOf(template, 'AWS::SNS::TopicPolicy');
  const { Statement } = PolicyDocument as { Statement: Record<string, unknown>[] };

  test('refuses messages without TLS', () => {
    expect(Statement).toContainEqual({
      Sid: expect.any(String),
      Effect: 'Deny',
      Principal: '*',
      Action: 'sns:Publish',
      Resource: { Ref: topicId },
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
  });

  test("accepts messages of the account's alarms only", () => {
    expect(Statement.filter(({ Effect }) => Effect === 'Allow')).toEqual([
      {
        Sid: expect.any(String),
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: { Ref: topicId },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
  });

  test('is not encrypted with a key that CloudWatch cannot use', () => {
    expect(propertiesOf(template, 'AWS::SNS::Topic')).not.toHaveProperty('KmsMasterKeyId');
  });

  test('has a subscription of the configured address, or none', () => {
    const subscriptions = (of: Template) =>
      resourcesOf(of, 'AWS::SNS::Subscription').map(([, { Properties }]) => Properties);

    expect(subscriptions(template)).toEqual([
      { Protocol: 'email', Endpoint: 'oncall@example.com', TopicArn: { Ref: topicId } },
    ]);
    expect(subscriptions(synthesized())).toEqual([]);
    expect(resourcesOf(synthesized(), 'AWS::CloudWatch::Alarm')).toHaveLength(withoutCloudFront.length);
  });
});
