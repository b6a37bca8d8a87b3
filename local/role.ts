import * as v from 'valibot';
import { pattern, type Statement } from './policy.ts';
import type { Template } from './template.ts';
import { oneOrMore, understood } from './understood.ts';

/** What a function runs as. */
export interface Role {
  readonly name: string;
  /** All that its policies say of DynamoDB and KMS; of other services nothing is known. */
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

// Strict, because what is passed over could widen or narrow what a statement allows.
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
      }),
    }),
  ),
});

/** Whether a statement is of other services only; it may then say what it likes, of resources that only AWS knows. */
function isOfOtherServices(statement: object): boolean {
  const actions = v.safeParse(v.looseObject({ Action: oneOrMore }), statement);
  return actions.success && actions.output.Action.every((action) => !/^(dynamodb:|kms:|[^:]*[*?])/i.test(action));
}

/**
 * Reads the role of a function with the policies attached to it.
 * @throws Error when a policy says something that the local run does not understand, rather than allowing too much or too
 * little.
 */
export function roleOf(
  { template, resolve }: { readonly template: Template; readonly resolve: (value: unknown) => unknown },
  reference: unknown,
): Role {
  function parse<S extends v.GenericSchema>(schema: S, id: string, value: unknown): v.InferOutput<S> {
    return understood(schema, id, value, 'its role');
  }

  function statementsOf(id: string, { Statement }: v.InferOutput<typeof document>): Statement[] {
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

  function attached(roleId: string): Statement[] {
    return Object.entries(template.Resources).flatMap(([id, { Type, Properties }]) => {
      if (Type === 'AWS::IAM::ManagedPolicy' || Type === 'AWS::IAM::RolePolicy')
        throw new Error(`The local run cannot use ${id}: ${Type} is not understood`);
      if (Type !== 'AWS::IAM::Policy') return [];
      const { PolicyDocument, Roles } = parse(policySchema, id, Properties);
      return Roles.map(resolve).includes(roleId) ? statementsOf(id, PolicyDocument) : [];
    });
  }

  const name = parse(roleReference, 'a function', reference)['Fn::GetAtt'][0];
  const { Policies } = parse(roleSchema, name, template.Resources[name]?.Properties);
  const inline = Policies.flatMap(({ PolicyDocument }) => statementsOf(name, PolicyDocument));
  return { name, statements: [...inline, ...attached(name)] };
}
