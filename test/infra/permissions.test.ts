import { describe, expect, test } from 'vitest';
import { lambdaNames } from '../../cdk/bundle.ts';
import { type Permissions, permissions } from '../../cdk/permissions.ts';
import { type Resource, readable, resourceName, resourcesOf, synthesized } from './synthesized.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

const template = synthesized();
const roles = new Map(
  resourcesOf(template, 'AWS::IAM::Role').map(([id, role]) => [readable({ Ref: id }), role] as const),
);

function statementsOf(role: Resource | undefined): readonly Statement[] {
  const policies = role?.Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[];
  return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

/** One line for each thing a role may do: the action, on what, and under which condition. */
function allowedBy(role: Resource | undefined): readonly string[] {
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
  return lambdaNames.filter((lambda) =>
    allowedBy(roles.get(`${resourceName(lambda)}Role`)).some((line) => action.test(line)),
  );
}

describe('a role', () => {
  test.each(lambdaNames)('of %s holds what its permissions say, its own log, and nothing else', (lambda) => {
    const name = resourceName(lambda);

    const allowed = allowedBy(roles.get(`${name}Role`));

    expect(allowed).toEqual(
      [
        ...declaredIn(permissions[lambda]),
        `Allow logs:CreateLogStream on ${name}Logs.Arn`,
        `Allow logs:PutLogEvents on ${name}Logs.Arn`,
      ].sort(),
    );
  });

  test('belongs to one function, and there is none beside them', () => {
    const used = resourcesOf(template, 'AWS::Lambda::Function').map(([, { Properties }]) => readable(Properties.Role));

    expect([...used].sort()).toEqual([...roles.keys()].map((role) => `${role}.Arn`).sort());
    expect(roles.size).toBe(lambdaNames.length);
  });

  test('has no wildcard in an action or a resource', () => {
    for (const role of roles.values())
      for (const { Action, Resource } of statementsOf(role))
        expect(JSON.stringify([Action, Resource])).not.toContain('*');
  });

  test('has no AWS managed policy, and no policy is attached from elsewhere', () => {
    for (const role of roles.values()) expect(role.Properties).not.toHaveProperty('ManagedPolicyArns');
    expect(resourcesOf(template, 'AWS::IAM::Policy')).toEqual([]);
    expect(resourcesOf(template, 'AWS::IAM::ManagedPolicy')).toEqual([]);
  });

  test('can be taken by Lambda only', () => {
    for (const role of roles.values())
      expect(role.Properties.AssumeRolePolicyDocument).toEqual({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } }],
      });
  });
});

describe('separation of duties', () => {
  test('only create-actor-token signs with the ticket key', () => {
    expect(lambdasAllowed(/kms:Sign on TicketKey/)).toEqual(['create-actor-token']);
  });

  test('only the Lambdas that hand out session tokens sign with the session key', () => {
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

  test('only users are ever deleted, by users alone', () => {
    expect(lambdasAllowed(/dynamodb:DeleteItem/)).toEqual(['users']);
    expect(lambdasAllowed(/dynamodb:DeleteItem on (?!UsersTable)/)).toEqual([]);
  });

  test('only create-actor-token makes actor tokens, only create-sign-in makes sessions and browsers', () => {
    expect(lambdasAllowed(/dynamodb:PutItem on ActorTokensTable/)).toEqual(['create-actor-token']);
    expect(lambdasAllowed(/dynamodb:PutItem on SessionsTable/)).toEqual(['create-sign-in']);
    expect(lambdasAllowed(/dynamodb:(PutItem|UpdateItem) on ClientsTable/)).toEqual(['create-sign-in']);
  });

  test('no Lambda makes or changes a secret key', () => {
    expect(lambdasAllowed(/dynamodb:(?!GetItem )\w+ on SecretKeysTable/)).toEqual([]);
  });

  test('the public Lambda reads actor tokens and users by their key, to show what a link would do, and writes nothing', () => {
    const allowed = allowedBy(roles.get(`${resourceName('public')}Role`)).filter((line) => line.includes('dynamodb:'));

    expect(allowed).toEqual([
      'Allow dynamodb:GetItem on ActorTokensTable.Arn',
      'Allow dynamodb:GetItem on UsersTable.Arn',
    ]);
  });

  test('no Lambda scans, runs PartiQL or changes a table', () => {
    expect(lambdasAllowed(/dynamodb:(Scan|Batch|PartiQL|UpdateTable|DeleteTable|Restore|Export)/)).toEqual([]);
  });
});
