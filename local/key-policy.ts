import * as v from 'valibot';
import { pattern, type Statement } from './policy.ts';
import { accountId, kmsKeyArn, kmsKeyId, type Template } from './template.ts';
import { oneOrMore, understood } from './understood.ts';

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
  function statementsOf(id: string, properties: unknown): readonly Statement[] {
    const { KeyPolicy } = understood(keySchema, id, properties, 'its policy');
    if (!KeyPolicy) return DEFAULT;
    return KeyPolicy.Statement.map((statement) => {
      const { Effect, Action, Resource, Condition } = understood(statementSchema, id, resolve(statement), 'its policy');
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
