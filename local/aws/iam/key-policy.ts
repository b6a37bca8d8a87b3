import * as v from 'valibot';
import { accountId, kmsKeyArn, kmsKeyId } from '../account.ts';
import type { Resolve, Template } from '../template/template.ts';
import { oneOrMore, understood } from '../template/understood.ts';
import type { ResourcePolicies } from './authorize.ts';
import { pattern, type Statement } from './policy.ts';

const equals = v.record(v.string(), oneOrMore);

// Strict, because a member that is ignored could widen or narrow what a statement allows.
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

/** The policy of a key that has none of its own: the policies of the roles decide (AWS: "Default key policy"). */
const DEFAULT: readonly Statement[] = [
  { effect: 'Allow', actions: [pattern('kms:*')], resources: [pattern('*')], stringEquals: {} },
];

/**
 * Reads the policies of the keys, by the ARN of the key. A role may do what both its own policies and the key's policy allow.
 *
 * @throws Error when a policy has a member that is not understood
 */
export function keyPoliciesOf(template: Template, resolve: Resolve): ResourcePolicies {
  function statementsOf(id: string, properties: unknown): readonly Statement[] {
    const part = { id, name: 'its policy' };
    const { KeyPolicy } = understood(keySchema, { ...part, value: properties });
    if (!KeyPolicy) return DEFAULT;
    return KeyPolicy.Statement.map((statement) => {
      const value = resolve(statement);
      const { Effect, Action, Resource, Condition } = understood(statementSchema, { ...part, value });
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
