import { describe, expect, test } from 'vitest';
import { lambdaNames } from '../../cdk/bundle/bundle.ts';
import { type Permissions, permissions } from '../../cdk/permissions.ts';
import type { TableName } from '../../cdk/table-definitions.ts';
import { defaultLambda, type LambdaName } from '../../functions/routes.ts';
import { readable, resourceName, resourcesOf, synthesized } from './synthesized.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Sid?: string;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

const template = synthesized();
const roles = new Map(
  resourcesOf(template, 'AWS::IAM::Role').map(([id, role]) => [readable({ Ref: id }), role] as const),
);

const policies = resourcesOf(template, 'AWS::IAM::Policy').map(([, { Properties }]) => ({
  roles: (Properties.Roles as unknown[]).map(readable),
  statements: (Properties.PolicyDocument as { Statement: Statement[] }).Statement,
}));

/** The statements of the role itself and of the policies attached to it. */
function statementsOf(name: string): readonly Statement[] {
  const inline = roles.get(name)?.Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[];
  return [
    ...inline.flatMap(({ PolicyDocument }) => PolicyDocument.Statement),
    ...policies.filter((policy) => policy.roles.includes(name)).flatMap(({ statements }) => statements),
  ];
}

/** One line for each permission of a role: the action, the resource and the condition. */
function allowedBy(role: string): readonly string[] {
  return statementsOf(role)
    .flatMap(({ Effect, Action, Resource, Condition }) =>
      [Action].flat().flatMap((action) =>
        [Resource].flat().map((resource) => {
          const condition = Condition === undefined ? '' : ` if ${JSON.stringify(Condition)}`;
          return `${Effect} ${action} on ${readable(resource)}${condition}`;
        }),
      ),
    )
    .sort();
}

const RS256_OVER_A_DIGEST =
  '{"StringEquals":{"kms:SigningAlgorithm":"RSASSA_PKCS1_V1_5_SHA_256","kms:MessageType":"DIGEST"}}';

function declaredIn({ tables, indexes = {}, keys = {} }: Permissions): readonly string[] {
  const keyResources = { ticket: 'TicketKey.Arn', session: 'SessionKey.Arn' };
  return [
    ...Object.entries(tables).flatMap(([table, actions]) =>
      actions.map((action) => `Allow dynamodb:${action} on ${table}Table.Arn`),
    ),
    ...Object.entries(indexes).flatMap(([table, names]) =>
      names.map((index) => `Allow dynamodb:Query on ${table}Table.Arn/index/${index}`),
    ),
    ...(['ticket', 'session'] as const).flatMap((key) =>
      (keys[key] ?? []).map((action) => {
        const condition = action === 'Sign' ? ` if ${RS256_OVER_A_DIGEST}` : '';
        return `Allow kms:${action} on ${keyResources[key]}${condition}`;
      }),
    ),
  ];
}

function lambdasAllowed(action: RegExp): readonly string[] {
  return lambdaNames.filter((lambda) => allowedBy(`${resourceName(lambda)}Role`).some((line) => action.test(line)));
}

describe('a role', () => {
  test.each(lambdaNames)('of %s has the permissions of cdk/permissions.ts, its own log, and nothing else', (lambda) => {
    const name = resourceName(lambda);

    const allowed = allowedBy(`${name}Role`);

    expect(allowed).toEqual(
      [
        ...declaredIn(permissions[lambda]),
        `Allow logs:CreateLogStream on ${name}Logs.Arn`,
        `Allow logs:PutLogEvents on ${name}Logs.Arn`,
      ].sort(),
    );
  });

  test('belongs to one function, and every role does', () => {
    const used = resourcesOf(template, 'AWS::Lambda::Function').map(([, { Properties }]) => readable(Properties.Role));

    expect([...used].sort()).toEqual([...roles.keys()].map((role) => `${role}.Arn`).sort());
    // The one more is that of the health check.
    expect(roles.size).toBe(lambdaNames.length + 1);
  });

  test('has no wildcard in an action or a resource', () => {
    for (const role of roles.keys())
      for (const { Action, Resource } of statementsOf(role))
        expect(JSON.stringify([Action, Resource])).not.toContain('*');
  });

  test('has a policy of its own and no AWS managed policy', () => {
    for (const role of roles.values()) expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
    const attached = policies.map((policy) => policy.roles);
    expect(attached.filter((of) => of.length !== 1)).toEqual([]);
    expect(new Set(attached.flat()).size).toBe(attached.length);
    expect(resourcesOf(template, 'AWS::IAM::ManagedPolicy')).toEqual([]);
  });

  test('can be assumed by Lambda only', () => {
    for (const role of roles.values())
      expect(role.Properties.AssumeRolePolicyDocument).toEqual({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
      });
  });
});

const ROOT = {
  AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, ':root']] },
};

describe('the policy of a key', () => {
  const keyPolicies = new Map(
    resourcesOf(template, 'AWS::KMS::Key').map(([id, { Properties }]) => [
      readable({ Ref: id }),
      (Properties.KeyPolicy as { Statement: Statement[] }).Statement,
    ]),
  );

  test.each([
    ['TicketKey', 'ticket'],
    ['SessionKey', 'session'],
  ] as const)('of %s allows signing to the roles that cdk/permissions.ts names, and to nobody else', (id, name) => {
    const [administration, ...use] = keyPolicies.get(id) ?? [];
    const signers = lambdaNames.filter((lambda) => permissions[lambda].keys?.[name]?.includes('Sign'));

    expect(administration?.Sid).toBe('Administration');
    expect(use.map(({ Condition, ...statement }) => ({ ...statement, Condition: conditionOf(Condition) }))).toEqual(
      signers.map((lambda) => ({
        Effect: 'Allow',
        Action: 'kms:Sign',
        Principal: ROOT,
        Resource: '*',
        Condition: {
          role: `${resourceName(lambda)}Role.Arn`,
          'kms:SigningAlgorithm': 'RSASSA_PKCS1_V1_5_SHA_256',
          'kms:MessageType': 'DIGEST',
        },
      })),
    );
  });

  test('allows the account to administer the key, but neither to sign nor to grant signing', () => {
    for (const [administration] of keyPolicies.values()) {
      const actions = [administration?.Action ?? []].flat();
      expect(administration?.Principal).toEqual(ROOT);
      expect(actions.filter((action) => /\*|Sign|Verify|Grant$|Encrypt|Decrypt|Mac|Replicate/.test(action))).toEqual([
        'kms:RevokeGrant',
      ]);
    }
  });

  test('exists for the ticket key and the session key only', () => {
    expect([...keyPolicies.keys()]).toEqual(['TicketKey', 'SessionKey']);
  });
});

/** The role a statement of a key policy names, beside the rest of its condition. */
function conditionOf(condition: unknown): object {
  const { ArnEquals, StringEquals } = condition as {
    readonly ArnEquals: { readonly 'aws:PrincipalArn': unknown };
    readonly StringEquals: object;
  };
  return { role: readable(ArnEquals['aws:PrincipalArn']), ...StringEquals };
}

describe('a function', () => {
  const invocations = resourcesOf(template, 'AWS::Lambda::Permission').map(([, { Properties }]) => Properties);

  const isOfHealthCheck = (invocation: (typeof invocations)[number]) =>
    readable(invocation.FunctionName).startsWith('HealthCheck');

  test('that answers requests can be invoked by this HTTP API only', () => {
    const [[api] = []] = resourcesOf(template, 'AWS::ApiGatewayV2::Api');
    const ofRequests = invocations.filter((invocation) => !isOfHealthCheck(invocation));

    expect(ofRequests).toHaveLength(lambdaNames.length);
    for (const { Action, Principal, SourceArn } of ofRequests) {
      expect([Action, Principal]).toEqual(['lambda:InvokeFunction', 'apigateway.amazonaws.com']);
      expect(JSON.stringify(SourceArn)).toContain(`{"Ref":"${api}"}`);
    }
  });

  test('that checks the health can be invoked by its schedule only, and may write its log only', () => {
    const [[rule] = []] = resourcesOf(template, 'AWS::Events::Rule');

    expect(invocations.filter(isOfHealthCheck)).toMatchObject([
      {
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        SourceArn: { 'Fn::GetAtt': [rule, 'Arn'] },
      },
    ]);
    expect(allowedBy('HealthCheckRole')).toEqual([
      'Allow logs:CreateLogStream on HealthCheckLogs.Arn',
      'Allow logs:PutLogEvents on HealthCheckLogs.Arn',
    ]);
  });

  test('has no URL of its own', () => {
    expect(resourcesOf(template, 'AWS::Lambda::Url')).toEqual([]);
  });
});

test('only roles, keys and the topic of the alarms have a policy', () => {
  const kinds = Object.values(template.Resources)
    .filter(
      ({ Type, Properties }) =>
        /Policy/.test(Type) ||
        /"(?:\w*Policy|PolicyDocument)":/.test(JSON.stringify(Properties).replaceAll('"RetryPolicy":', '')),
    )
    .map(({ Type }) => Type);

  expect([...new Set(kinds)].sort()).toEqual([
    'AWS::IAM::Policy',
    'AWS::IAM::Role',
    'AWS::KMS::Key',
    'AWS::SNS::TopicPolicy',
  ]);
});

describe('separation of duties', () => {
  test('only create-actor-token signs with the ticket key', () => {
    expect(lambdasAllowed(/kms:Sign on TicketKey/)).toEqual(['create-actor-token']);
  });

  test('only the Lambdas that issue session tokens sign with the session key', () => {
    expect(lambdasAllowed(/kms:Sign on SessionKey/)).toEqual([
      'create-sign-in',
      'browser-sessions',
      'backend-sessions',
    ]);
  });

  test('no Lambda signs with both keys', () => {
    const ticket = lambdasAllowed(/kms:Sign on TicketKey/);

    expect(lambdasAllowed(/kms:Sign on SessionKey/).filter((lambda) => ticket.includes(lambda))).toEqual([]);
  });

  test('revoking needs no key', () => {
    const withKeys = lambdasAllowed(/ kms:/);

    expect(withKeys).not.toContain('revoke-actor-token');
    expect(withKeys).not.toContain('revoke-session');
  });

  test('only users can be deleted at once, by the Lambda users only', () => {
    expect(lambdasAllowed(/dynamodb:DeleteItem/)).toEqual(['users']);
    expect(lambdasAllowed(/dynamodb:DeleteItem on (?!UsersTable)/)).toEqual([]);
  });

  // UpdateItem creates an item that does not exist, and IAM cannot limit the attributes that it sets.
  test.each<[table: TableName, writers: readonly LambdaName[]]>([
    ['ActorTokens', ['create-actor-token', 'revoke-actor-token', 'create-sign-in']],
    ['Sessions', ['revoke-session', 'create-sign-in', 'browser-sessions', 'backend-sessions', 'users', 'blocklist']],
    ['Clients', ['create-sign-in']],
    ['Users', ['users']],
    ['SecretKeys', []],
    ['Blocklist', ['blocklist']],
  ])('an item of %s can be created and changed by its writers only', (table, writers) => {
    expect(
      lambdasAllowed(new RegExp(`dynamodb:(?!Query|\\w*Get|ConditionCheck)\\w+ on ${table}Table`)).toSorted(),
    ).toEqual(writers.toSorted());
  });

  test('the writers of tables whose items expire can let DynamoDB delete any item, also of the record', () => {
    const expiring = resourcesOf(template, 'AWS::DynamoDB::GlobalTable').filter(
      ([, { Properties }]) => Properties.TimeToLiveSpecification !== undefined,
    );
    const tables = expiring.map(([id]) => readable({ Ref: id }));

    expect(tables.toSorted()).toEqual(['ActorTokensTable', 'ClientsTable', 'SessionsTable']);
    expect(lambdasAllowed(new RegExp(`dynamodb:(PutItem|UpdateItem) on (${tables.join('|')})`)).toSorted()).toEqual([
      'backend-sessions',
      'blocklist',
      'browser-sessions',
      'create-actor-token',
      'create-sign-in',
      'revoke-actor-token',
      'revoke-session',
      'users',
    ]);
  });

  test('only create-sign-in writes both the record of actor tokens and that of sessions, and it signs no ticket', () => {
    const writersOf = (table: TableName) =>
      lambdasAllowed(new RegExp(`dynamodb:(PutItem|UpdateItem) on ${table}Table`));
    const both = writersOf('ActorTokens').filter((lambda) => writersOf('Sessions').includes(lambda));

    expect(both).toEqual(['create-sign-in']);
    expect(lambdasAllowed(/kms:Sign on TicketKey/)).not.toContain('create-sign-in');
  });

  test('no Lambda creates or changes a secret key', () => {
    expect(lambdasAllowed(/dynamodb:(?!GetItem )\w+ on SecretKeysTable/)).toEqual([]);
  });

  test('the Lambda tickets reads actor tokens, users and blocks by their key only, and writes nothing', () => {
    const allowed = allowedBy(`${resourceName('tickets')}Role`).filter((line) => line.includes('dynamodb:'));

    expect(allowed).toEqual([
      'Allow dynamodb:BatchGetItem on BlocklistTable.Arn',
      'Allow dynamodb:BatchGetItem on UsersTable.Arn',
      'Allow dynamodb:GetItem on ActorTokensTable.Arn',
    ]);
  });

  test('a request without an operation reaches a Lambda that may only write its log', () => {
    expect(lambdasAllowed(/^Allow (?!logs:)/)).not.toContain(defaultLambda);
  });

  test('no Lambda scans, uses PartiQL or changes a table', () => {
    expect(lambdasAllowed(/dynamodb:(Scan|BatchWrite|PartiQL|UpdateTable|DeleteTable|Restore|Export)/)).toEqual([]);
  });
});
