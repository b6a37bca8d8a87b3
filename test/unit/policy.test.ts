// The decision of a policy: pure, so every rule of it can be tried.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Attributes, type Decision, decide, type Question } from '../../shared/authority/decide.ts';
import { actorAttributes, hasConsent, targetAttributes } from '../../shared/authority/question.ts';
import type { Rule } from '../../shared/base/policy.ts';
import { epochMs } from '../../shared/base/time.ts';

const attributes = (values: Readonly<Record<string, readonly string[]>>): Attributes => new Map(Object.entries(values));

const question = (members: Partial<Question> = {}): Question => ({
  actor: attributes({ sub: ['mia'], groups: ['support'], tenant: ['t1'] }),
  target: attributes({ id: ['user_1'], role: ['customer'], tenant: ['t1'] }),
  isVerified: true,
  hasConsent: false,
  reasonLength: 20,
  authAge: 60,
  isSameAddress: true,
  ...members,
});

const decision = (rules: readonly Rule[], members: Partial<Question> = {}): Decision =>
  decide({ version: '', rules }, question(members));

const allow = (members: Partial<Rule> = {}): Rule => ({ id: 'allow', effect: 'allow', ...members });
const deny = (members: Partial<Rule> = {}): Rule => ({ id: 'deny', effect: 'deny', ...members });
const refusedBy = (rule: string, lacks?: string) => ({ isAllowed: false, rule, ...(lacks && { lacks }) });

describe('a policy', () => {
  test('without a rule that allows refuses', () => {
    expect(decision([])).toEqual(refusedBy('default'));
    expect(decision([allow({ actor: { groups: ['billing'] } })])).toEqual(refusedBy('default'));
  });

  test('allows by the first rule that matches and whose requirements are met', () => {
    const rules = [
      allow({ id: 'consented', require: { consent: true } }),
      allow({ id: 'first', mode: 'read_only' }),
      allow({ id: 'second' }),
    ];

    expect(decision(rules)).toEqual({ isAllowed: true, rule: rules[1] });
  });

  test('refuses by a rule that denies, wherever it stands', () => {
    const staff = deny({ target: { role: ['customer', 'admin'] } });

    expect(decision([staff, allow()])).toEqual(refusedBy('deny'));
    expect(decision([allow(), staff])).toEqual(refusedBy('deny'));
  });

  test.each<[string, Rule, boolean]>([
    ['one of the values', allow({ actor: { groups: ['billing', 'support'] } }), true],
    ['none of the values', allow({ actor: { groups: ['billing'] } }), false],
    ['any value', allow({ target: { tenant: ['*'] } }), true],
    ['any value of a missing attribute', allow({ target: { plan: ['*'] } }), false],
    ['one of two attributes', allow({ actor: { groups: ['support'], region: ['eu'] } }), false],
    ['an attribute that every object has', allow({ actor: { constructor: ['*'] } }), false],
    ['a shared value', allow({ same: [['actor.tenant', 'target.tenant']] }), true],
    ['no shared value', allow({ same: [['actor.sub', 'target.id']] }), false],
    ['a value shared with a missing attribute', allow({ same: [['actor.plan', 'target.plan']] }), false],
  ])('decides by %s', (_, rule, isAllowed) => {
    expect(decision([rule]).isAllowed).toBe(isAllowed);
  });

  test.each<[string, Rule, Partial<Question>, string]>([
    ['an operator', allow({ require: { verified: true } }), { isVerified: false }, 'verified'],
    ['consent', allow({ require: { consent: true } }), { hasConsent: false }, 'consent'],
    ['the address', allow({ require: { same_address: true } }), { isSameAddress: false }, 'same_address'],
    ['a reason', allow({ require: { reason: 10 } }), { reasonLength: 9 }, 'reason'],
    ['a recent sign-in', allow({ require: { max_auth_age: 60 } }), { authAge: 61 }, 'max_auth_age'],
    ['a known sign-in', allow({ require: { max_auth_age: 60 } }), { authAge: undefined }, 'max_auth_age'],
  ])('that requires %s refuses without it, and says so', (_, rule, members, lacks) => {
    expect(decision([rule], members)).toEqual(refusedBy('allow', lacks));
  });

  test.each<[string, NonNullable<Rule['require']>, Partial<Question>]>([
    ['a reason of exactly the required length', { reason: 10 }, { reasonLength: 10 }],
    ['a sign-in of exactly the allowed age', { max_auth_age: 60 }, { authAge: 60 }],
    ['no verified actor where none is required', { reason: 10 }, { isVerified: false }],
    ['no reason where none is required', { verified: true }, { reasonLength: 0 }],
  ])('accepts %s', (_, require, members) => {
    const rule = allow({ require });

    expect(decision([rule], members)).toEqual({ isAllowed: true, rule });
  });

  test('compares an attribute of the actor with one of the user, and not with one of the same object', () => {
    const rule = allow({ same: [['actor.sub', 'target.owner']] });

    expect(decision([rule], { target: attributes({ owner: ['mia'] }) })).toEqual({ isAllowed: true, rule });
    expect(decision([rule], { target: attributes({ sub: ['mia'] }) })).toEqual(refusedBy('default'));
  });

  test('judges the address from the moment at which the ticket is presented', () => {
    expect(decision([allow({ require: { same_address: true } })], { isSameAddress: undefined }).isAllowed).toBe(true);
  });
});

describe('for any policy and question,', () => {
  const name = fc.constantFrom('groups', 'tenant', 'role', '__proto__', 'constructor');
  const values = fc.array(fc.constantFrom('a', 'b', 'c', '*'), { minLength: 1, maxLength: 2 });
  const side = fc.array(fc.tuple(name, values), { maxLength: 3 });
  const rule = fc
    .record({
      id: fc.string({ minLength: 1, maxLength: 4 }),
      actor: side,
      target: side,
      effect: fc.constantFrom('allow' as const, 'deny' as const),
    })
    .map(
      ({ actor, target, ...rest }): Rule => ({
        ...rest,
        actor: Object.fromEntries(actor),
        target: Object.fromEntries(target),
      }),
    );
  const rules = fc.array(rule, { maxLength: 6 });
  const asked = fc
    .tuple(side, side)
    .map(([actor, target]) => question({ actor: new Map(actor), target: new Map(target) }));
  const isAllowed = (list: readonly Rule[], q: Question) => decide({ version: '', rules: list }, q).isAllowed;
  const runs = { numRuns: 2000 };

  test('adding a rule that denies never allows more', () => {
    fc.assert(
      fc.property(rules, rule, asked, (list, more, q) => {
        if (!isAllowed(list, q)) expect(isAllowed([...list, { ...more, effect: 'deny' }], q)).toBe(false);
      }),
      runs,
    );
  });

  test('removing a rule that allows never allows more', () => {
    fc.assert(
      fc.property(rules, asked, fc.nat(5), (list, q, index) => {
        const fewer = list.filter(({ effect }, at) => at !== index || effect === 'deny');
        if (!isAllowed(list, q)) expect(isAllowed(fewer, q)).toBe(false);
      }),
      runs,
    );
  });

  test('the order of the rules does not change whether it is allowed', () => {
    fc.assert(
      fc.property(rules, asked, (list, q) => {
        expect(isAllowed(list.toReversed(), q)).toBe(isAllowed(list, q));
      }),
      runs,
    );
  });
});

describe('the attributes', () => {
  test('of an operator come from the token alone', () => {
    const verified = {
      iss: 'https://idp',
      sub: '00u1',
      email: 'mia@corp.com',
      iat: 0,
      claims: { groups: ['support'] },
    };

    expect(Object.fromEntries(actorAttributes({ sub: 'mia', groups: ['admin'] }, verified))).toEqual({
      iss: ['https://idp'],
      sub: ['00u1'],
      email: ['mia@corp.com'],
      groups: ['support'],
    });
  });

  test('of an operator cannot be replaced by claims of the same name', () => {
    const verified = { iss: 'https://idp', sub: '00u1', iat: 0, claims: { iss: ['https://other'], sub: ['admin'] } };

    expect(actorAttributes({}, verified).get('sub')).toEqual(['00u1']);
    expect(actorAttributes({}, verified).get('iss')).toEqual(['https://idp']);
  });

  test('of an actor whom a secret key names are the members of the actor', () => {
    const actor = { sub: 'mia', groups: ['a', 'b'], level: 3, isLead: true, nested: { a: 1 }, mixed: ['a', {}] };

    expect(Object.fromEntries(actorAttributes(actor, undefined))).toEqual({
      sub: ['mia'],
      groups: ['a', 'b'],
      level: ['3'],
      isLead: ['true'],
      nested: [],
      mixed: ['a'],
    });
  });

  test('of a user are ids, domains of e-mail addresses and private metadata, which cannot replace the ids', () => {
    const user = {
      id: 'user_1',
      externalId: 'customer_1',
      emailAddresses: [{ id: 'idn_1', value: 'ada@Example.COM' }],
      privateMetadata: { role: 'admin', id: 'user_2', external_id: 'customer_2', email_domain: 'other.com' },
    } as const;

    expect(Object.fromEntries(targetAttributes(user))).toEqual({
      role: ['admin'],
      id: ['user_1'],
      external_id: ['customer_1'],
      email_domain: ['example.com'],
    });
  });

  test.each([
    [1001, true],
    [1000, false],
    ['1001', false],
    [undefined, false],
  ])('consent until %j is consent at 1000: %j', (until, expected) => {
    const user = { privateMetadata: { impersonation_consent_until: until } };

    expect(hasConsent(user, epochMs(1000))).toBe(expected);
  });
});
