import * as v from 'valibot';
import type { Resolve, Template } from '../template/template.ts';
import { oneOrMore, understood } from '../template/understood.ts';
import { pattern, type Statement } from './policy.ts';

/** The role of a function. */
export interface Role {
  readonly name: string;
  /** The statements of its policies about DynamoDB, KMS, S3 and EventBridge; those about other services are left out. */
  readonly statements: readonly Statement[];
}

const roleReference = v.object({ 'Fn::GetAtt': v.tuple([v.string(), v.literal('Arn')]) });
const document = v.object({ Statement: v.union([v.array(v.looseObject({})), v.looseObject({})]) });
const notUnderstood = v.optional(v.undefined('is not understood'));
const roleSchema = v.object({
  Policies: v.optional(v.array(v.object({ PolicyDocument: document })), []),
  ManagedPolicyArns: notUnderstood,
  PermissionsBoundary: notUnderstood,
});
const policySchema = v.object({ PolicyDocument: document, Roles: v.optional(v.array(v.unknown()), []) });

// Strict, because a member that is ignored could widen or narrow what a statement allows.
const statementSchema = v.strictObject({
  Sid: v.optional(v.string()),
  Effect: v.picklist(['Allow', 'Deny']),
  Action: oneOrMore,
  Resource: oneOrMore,
  Condition: v.optional(
    v.strictObject({
      StringEquals: v.strictObject({
        'kms:SigningAlgorithm': v.exactOptional(oneOrMore),
        'kms:MessageType': v.exactOptional(oneOrMore),
        'events:source': v.exactOptional(oneOrMore),
      }),
    }),
  ),
});

interface Policies {
  readonly template: Template;
  readonly resolve: Resolve;
}

/** True for a statement about other services only. Its members are not read: they may refer to what exists in AWS alone. */
function isOfOtherServices(statement: object): boolean {
  const actions = v.safeParse(v.looseObject({ Action: oneOrMore }), statement);
  return (
    actions.success && actions.output.Action.every((action) => !/^(dynamodb:|kms:|s3:|events:|[^:]*[*?])/i.test(action))
  );
}

function parse<S extends v.GenericSchema>(schema: S, id: string, value: unknown): v.InferOutput<S> {
  return understood(schema, { id, name: 'its role', value });
}

function statementsOf(resolve: Resolve, id: string, { Statement }: v.InferOutput<typeof document>): Statement[] {
  const relevant = [Statement].flat().filter((statement) => !isOfOtherServices(statement));
  return relevant.map((statement) => {
    const { Effect, Action, Resource, Condition } = parse(statementSchema, id, resolve(statement));
    return {
      effect: Effect,
      actions: Action.map((action) => pattern(action, 'i')),
      resources: Resource.map((resource) => pattern(resource)),
      stringEquals: Condition?.StringEquals ?? {},
    };
  });
}

function attachedStatements({ template, resolve }: Policies, roleId: string): Statement[] {
  return Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) => {
    if (Type === 'AWS::IAM::ManagedPolicy' || Type === 'AWS::IAM::RolePolicy')
      throw new Error(`The local run cannot use ${id}: ${Type} is not understood`);
    if (Type !== 'AWS::IAM::Policy') return [];
    const { PolicyDocument, Roles } = parse(policySchema, id, Properties);
    return Roles.map(resolve).includes(roleId) ? statementsOf(resolve, id, PolicyDocument) : [];
  });
}

/**
 * Reads the role that a function refers to, with its own policies and those that are attached to it.
 *
 * @throws Error when a policy has a member that is not understood, rather than allowing too much or too little
 */
export function roleOf(policies: Policies, reference: unknown): Role {
  const { template, resolve } = policies;
  const name = parse(roleReference, 'a function', reference)['Fn::GetAtt'][0];
  const { Policies } = parse(roleSchema, name, template.Resources[name]?.Properties);
  const own = Policies.flatMap(({ PolicyDocument }) => statementsOf(resolve, name, PolicyDocument));
  return { name, statements: [...own, ...attachedStatements(policies, name)] };
}
