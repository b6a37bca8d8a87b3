import * as v from 'valibot';
import { pattern, type Statement } from './policy.ts';
import { accountId, kmsKeyArn, kmsKeyId, type Template } from './template.ts';

const oneOrMore = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => [value].flat()),
);
const equals = v.record(v.string(), oneOrMore);

// Strict, because what is passed over could widen or narrow what a statement allows.
const statementSchema = v.strictObject({
  Sid: v.optional(v.string()),
  Effect: v.picklist(['Allow', 'Deny']),
  Principal: v.strictObject({
    AWS: v.literal(`arn:aws:iam::${accountId}:root`, 'only the account itself is understood'),
  }),
  Action: oneOrMore,
  Resource: v.literal('*', 'only "*", which in a key policy is the key, is understood'),
  Condition: v.optional(
    v.strictObject({ ArnEquals: v.optional(equals, {}), StringEquals: v.optional(equals, {}) }),
    {},
  ),
});
const keySchema = v.object({ KeyPolicy: v.optional(v.object({ Statement: v.array(v.unknown()) })) });

/** What KMS does when a key has no policy of its own: the account's IAM decides. */
const DEFAULT: readonly Statement[] = [
  { effect: 'Allow', actions: [pattern('kms:*')], resources: [pattern('*')], stringEquals: {} },
];

/**
 * What the policies of the keys let the account's IAM allow, by the ARN of the key. A role may do what its own policies and the
 * key's allow.
 * @throws Error when a policy says something that the local run does not understand.
 */
export function keyPoliciesOf(
  template: Template,
  resolve: (value: unknown) => unknown,
): ReadonlyMap<string, readonly Statement[]> {
  function parse<S extends v.GenericSchema>(schema: S, id: string, value: unknown): v.InferOutput<S> {
    const result = v.safeParse(schema, value);
    if (result.success) return result.output;
    const [issue] = result.issues;
    throw new Error(`The local run cannot use ${id}: ${v.getDotPath(issue) ?? 'its policy'}: ${issue.message}`);
  }

  function statementsOf(id: string, properties: unknown): readonly Statement[] {
    const { KeyPolicy } = parse(keySchema, id, properties);
    if (!KeyPolicy) return DEFAULT;
    return KeyPolicy.Statement.map((statement) => {
      const { Effect, Action, Resource, Condition } = parse(statementSchema, id, resolve(statement));
      return {
        effect: Effect,
        actions: Action.map((action) => pattern(action, 'i')),
        resources: [pattern(Resource)],
        stringEquals: { ...Condition.ArnEquals, ...Condition.StringEquals },
      };
    });
  }

  const keys = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::KMS::Key');
  return new Map(keys.map(([id, { Properties }]) => [kmsKeyArn(kmsKeyId(id)), statementsOf(id, Properties)]));
}
