// The form of a policy file. The message of each is the text after "write" in the sentence that refuses another value.
import * as v from 'valibot';
import { DEFAULT_RULE } from '../../shared/authority/decide.ts';
import { limits } from '../../shared/base/limits.ts';
import type { Rule } from '../../shared/base/policy.ts';

const VALUES = 'a list of texts, such as ["admin", "owner"], or ["*"] for any value';
const WANTED = 'an object of attributes with their values, such as {"role": ["admin", "owner"]}';
const RULE_ID = `an id of lower case letters, digits and hyphens, such as never-staff, but not ${DEFAULT_RULE}`;
const SAME = 'a list of pairs of attributes, such as [["actor.tenant", "target.tenant"]]';
const EXPECT = '{"allow": "<rule>"} or {"refuse": "<rule>"}, with the id of the rule that decides';

const seconds = (max: number) => {
  const expected = `a number of seconds from 1 to ${max}`;
  return v.exactOptional(
    v.pipe(v.number(expected), v.safeInteger(expected), v.minValue(1, expected), v.maxValue(max, expected)),
  );
};

const text = (expected: string) => v.pipe(v.string(expected), v.minLength(1, expected), v.maxLength(256, expected));
const attributeName = text('the name of an attribute, such as role');

const wanted = v.record(
  attributeName,
  v.pipe(v.array(text(VALUES), VALUES), v.minLength(1, VALUES), v.maxLength(100, VALUES)),
  WANTED,
);

const ruleId = v.pipe(
  v.string(RULE_ID),
  v.regex(/^[a-z0-9][a-z0-9-]{0,63}$/, RULE_ID),
  v.check((id) => id !== DEFAULT_RULE, RULE_ID),
);

const attributePath = v.pipe(v.string(SAME), v.regex(/^(?:actor|target)\.[^\s]{1,256}$/, SAME));

const matching = {
  id: ruleId,
  actor: v.exactOptional(v.pipe(wanted, v.description('Attributes of the actor. Each must have one of the values.'))),
  target: v.exactOptional(v.pipe(wanted, v.description('Attributes of the user. Each must have one of the values.'))),
  same: v.exactOptional(
    v.pipe(
      v.array(v.tuple([attributePath, attributePath], SAME), SAME),
      v.minLength(1, SAME),
      v.description('Pairs of attributes that share a value. A missing attribute shares none.'),
    ),
  ),
};

const REASON = `a number of characters from 1 to ${limits.reasonLength}`;

const requirements = v.strictObject({
  verified: v.exactOptional(v.pipe(v.literal(true, 'true'), v.description('The actor is an operator.'))),
  reason: v.exactOptional(
    v.pipe(
      v.number(REASON),
      v.safeInteger(REASON),
      v.minValue(1, REASON),
      v.maxValue(limits.reasonLength, REASON),
      v.description('The least number of characters of the reason.'),
    ),
  ),
  consent: v.exactOptional(
    v.pipe(
      v.literal(true, 'true'),
      v.description('`private_metadata.impersonation_consent_until` of the user, in milliseconds, lies ahead.'),
    ),
  ),
  max_auth_age: seconds(30 * 86_400),
  same_address: v.exactOptional(
    v.pipe(v.literal(true, 'true'), v.description('The link is opened at the address that requested it.')),
  ),
});

const denying = v.strictObject({ ...matching, effect: v.literal('deny') });

const allowing = v.strictObject({
  ...matching,
  effect: v.literal('allow'),
  require: v.exactOptional(requirements),
  limits: v.exactOptional(
    v.strictObject({
      ticket: seconds(limits.ticketLifeInSeconds.max),
      session: seconds(limits.sessionMaxDurationInSeconds.max),
    }),
  ),
  mode: v.exactOptional(v.literal('read_only', 'read_only')),
});

const rule = v.variant('effect', [denying, allowing], 'a rule whose effect is allow or deny');

const decided = v.union([v.strictObject({ allow: v.string() }), v.strictObject({ refuse: v.string() })], EXPECT);

const policyCase = v.strictObject({
  name: text('what the case shows, in a sentence'),
  actor: v.pipe(
    v.looseObject({ sub: text('the sub of the actor') }),
    v.description('The actor; with `verified`, the claims of the operator.'),
  ),
  verified: v.optional(v.boolean('true or false'), false),
  target: v.strictObject({
    id: v.exactOptional(text('the id of a user')),
    external_id: v.exactOptional(text('the external id of a user')),
    email_addresses: v.exactOptional(v.array(text('an e-mail address'))),
    private_metadata: v.exactOptional(v.record(v.string(), v.unknown())),
  }),
  reason: v.exactOptional(v.string()),
  auth_age: v.exactOptional(v.number()),
  other_address: v.exactOptional(v.boolean()),
  expect: decided,
});

/** A policy file: the rules, and cases that say what they decide. */
export const policySchema = v.strictObject({
  $schema: v.exactOptional(v.string()),
  rules: v.pipe(
    v.array(rule, 'a list of rules'),
    v.maxLength(limits.policyRules, `at most ${limits.policyRules} rules`),
  ),
  cases: v.optional(v.array(policyCase, 'a list of cases'), []),
});

export type PolicyFile = v.InferOutput<typeof policySchema>;
export type PolicyCase = PolicyFile['cases'][number];

/** The rules of a file are rules of a policy. */
export function rulesOf({ rules }: PolicyFile): readonly Rule[] {
  return rules;
}
