import { describe, expect, test } from 'vitest';
import { lambdaNames } from '../../cdk/bundle/bundle.ts';
import { permissions } from '../../cdk/permissions.ts';
import { nameOf, readable, resourceName, resourcesOf, synthesized } from './synthesized.ts';

const dev = synthesized();
const keysOf = (template: typeof dev) => resourcesOf(template, 'AWS::KMS::Key');

/** The parts of a policy that the tests compare. */
interface Statement {
  readonly Sid?: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: { readonly ArnEquals?: { readonly 'aws:PrincipalArn': unknown } };
}

describe('while a session key is replaced', () => {
  const rotating = synthesized({ sessionKeys: [2, 1] });
  const functions = resourcesOf(rotating, 'AWS::Lambda::Function').filter(([id]) => !id.startsWith('HealthCheck'));
  const signers = lambdaNames.filter((lambda) => permissions[lambda].keys?.session?.includes('Sign'));

  test('the new key is a resource of its own, and the old one is not replaced', () => {
    const [, first] = keysOf(dev).map(([id]) => id);

    expect(keysOf(rotating).map(([id]) => nameOf(id))).toEqual(['TicketKey', 'SessionKey2', 'SessionKey']);
    expect(keysOf(rotating).map(([id]) => id)).toContain(first);
    expect(resourcesOf(rotating, 'AWS::KMS::Alias').map(([, { Properties }]) => Properties.AliasName)).toEqual([
      'alias/actor-tokens-dev/ticket',
      'alias/actor-tokens-dev/session-2',
      'alias/actor-tokens-dev/session',
    ]);
  });

  test('every function and the outputs have both keys, the one that signs first', () => {
    for (const [, { Properties }] of functions) {
      const { Variables } = Properties.Environment as { readonly Variables: Readonly<Record<string, unknown>> };
      expect(readable(Variables.SESSION_KEY_IDS)).toBe('SessionKey2,SessionKey');
      expect(readable(Variables.TICKET_KEY_IDS)).toBe('TicketKey');
    }
    expect(readable(rotating.Outputs.SessionKeyIds?.Value)).toBe('SessionKey2,SessionKey');
  });

  test('a role has the same permissions on both keys, because functions are replaced one after the other', () => {
    const statements = resourcesOf(rotating, 'AWS::IAM::Policy').flatMap(
      ([, { Properties }]) => (Properties.PolicyDocument as { readonly Statement: readonly Statement[] }).Statement,
    );
    const onSessionKeys = statements.filter(({ Resource }) => JSON.stringify(Resource).includes('SessionKey'));

    expect(onSessionKeys.filter(({ Action }) => Action === 'kms:Sign')).toHaveLength(signers.length);
    for (const { Resource } of onSessionKeys)
      expect([Resource].flat().map(readable)).toEqual(['SessionKey2.Arn', 'SessionKey.Arn']);
  });

  test('both keys allow the same roles to sign', () => {
    const signersOf = (template: typeof dev, name: string) => {
      const [, key] = keysOf(template).find(([id]) => nameOf(id) === name) ?? [];
      const { Statement: statements = [] } = Object(key?.Properties.KeyPolicy) as { Statement?: readonly Statement[] };
      const arns = statements.flatMap(({ Condition }) => Condition?.ArnEquals?.['aws:PrincipalArn'] ?? []);
      return arns.map(readable);
    };

    expect(signersOf(rotating, 'SessionKey2')).toHaveLength(signers.length);
    expect(signersOf(rotating, 'SessionKey2')).toEqual(signersOf(dev, 'SessionKey'));
    expect(signersOf(rotating, 'SessionKey')).toEqual(signersOf(dev, 'SessionKey'));
  });

  test('a function is replaced only after its role is allowed to use the new key', () => {
    for (const lambda of lambdaNames.filter((name) => permissions[name].keys?.session)) {
      const name = resourceName(lambda);
      const [, fn] = functions.find(([id]) => nameOf(id) === `${name}Function`) ?? [];
      const { DependsOn = [] } = Object(fn) as { readonly DependsOn?: readonly string[] };
      expect(DependsOn.map(nameOf)).toContain(`${name}Permissions`);
    }
  });

  test('only the account administers the keys, and no statement allows kms:*', () => {
    expect(JSON.stringify(rotating)).not.toContain('kms:*');
    for (const [, { Properties }] of keysOf(rotating)) {
      const { Statement: statements } = Properties.KeyPolicy as { readonly Statement: readonly Statement[] };
      expect(statements.map(({ Sid }) => Sid).filter((sid) => sid !== undefined)).toEqual(['Administration']);
    }
  });
});

test('a retired key is no longer in the template', () => {
  const retired = synthesized({ sessionKeys: [2] });

  expect(keysOf(retired).map(([id]) => nameOf(id))).toEqual(['TicketKey', 'SessionKey2']);
});
