import { describe, expect, test } from 'vitest';
import { nameOf, readable, resourcesOf, synthesized } from './synthesized.ts';

const dev = synthesized({ stage: 'dev' });
const prod = synthesized({ stage: 'prod' });
const keysOf = (template: typeof dev) => resourcesOf(template, 'AWS::KMS::Key');

test('there are two keys, which make and verify RSA signatures and nothing else', () => {
  const keys = keysOf(dev).map(([id, { Properties }]) => [nameOf(id), Properties.KeySpec, Properties.KeyUsage]);

  expect(keys).toEqual([
    ['TicketKey', 'RSA_2048', 'SIGN_VERIFY'],
    ['SessionKey', 'RSA_2048', 'SIGN_VERIFY'],
  ]);
});

test('each key has an alias under the name of the stack', () => {
  const aliases = resourcesOf(prod, 'AWS::KMS::Alias').map(([, { Properties }]) => [
    Properties.AliasName,
    readable(Properties.TargetKeyId),
  ]);

  expect(aliases).toEqual([
    ['alias/actor-tokens-prod/ticket', 'TicketKey.Arn'],
    ['alias/actor-tokens-prod/session', 'SessionKey.Arn'],
  ]);
});

test('prod keeps its keys, and gives the longest time to take a deletion back', () => {
  for (const [, key] of keysOf(prod)) {
    expect(key.DeletionPolicy).toBe('Retain');
    expect(key.Properties.PendingWindowInDays).toBe(30);
  }
});

test('dev deletes its keys with the stack, as soon as KMS allows', () => {
  for (const [, key] of keysOf(dev)) {
    expect(key.DeletionPolicy).toBe('Delete');
    expect(key.Properties.PendingWindowInDays).toBe(7);
  }
});

/** What it takes to compare policies: who may, what, and under which condition. */
interface Statement {
  readonly Sid?: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: { readonly ArnEquals?: { readonly 'aws:PrincipalArn': unknown } };
}

describe('while a session key is replaced', () => {
  const rotating = synthesized({ sessionKeys: '2,1' });
  const functions = resourcesOf(rotating, 'AWS::Lambda::Function');

  test('the new one is a key of its own, and the first keeps its place', () => {
    const [, first] = keysOf(dev).map(([id]) => id);

    expect(keysOf(rotating).map(([id]) => nameOf(id))).toEqual(['TicketKey', 'SessionKey2', 'SessionKey']);
    expect(keysOf(rotating).map(([id]) => id)).toContain(first);
    expect(resourcesOf(rotating, 'AWS::KMS::Alias').map(([, { Properties }]) => Properties.AliasName)).toEqual([
      'alias/actor-tokens-dev/ticket',
      'alias/actor-tokens-dev/session-2',
      'alias/actor-tokens-dev/session',
    ]);
  });

  test('every function and the outputs have both, the one that signs first', () => {
    for (const [, { Properties }] of functions) {
      const { Variables } = Properties.Environment as { readonly Variables: Readonly<Record<string, unknown>> };
      expect(readable(Variables.SESSION_KEY_IDS)).toBe('SessionKey2,SessionKey');
      expect(readable(Variables.TICKET_KEY_IDS)).toBe('TicketKey');
    }
    expect(readable(rotating.Outputs.SessionKeyIds?.Value)).toBe('SessionKey2,SessionKey');
  });

  test('a role may do with both what it may do with one: functions are replaced one after the other', () => {
    const statements = resourcesOf(rotating, 'AWS::IAM::Policy').flatMap(
      ([, { Properties }]) => (Properties.PolicyDocument as { readonly Statement: readonly Statement[] }).Statement,
    );
    const onSessionKeys = statements.filter(({ Resource }) => JSON.stringify(Resource).includes('SessionKey'));

    expect(onSessionKeys.filter(({ Action }) => Action === 'kms:Sign')).toHaveLength(3);
    for (const { Resource } of onSessionKeys)
      expect([Resource].flat().map(readable)).toEqual(['SessionKey2.Arn', 'SessionKey.Arn']);
  });

  test('both keys let the same roles sign', () => {
    const signersOf = (template: typeof dev, name: string) => {
      const [, key] = keysOf(template).find(([id]) => nameOf(id) === name) ?? [];
      const { Statement: statements = [] } = Object(key?.Properties.KeyPolicy) as { Statement?: readonly Statement[] };
      const arns = statements.flatMap(({ Condition }) => Condition?.ArnEquals?.['aws:PrincipalArn'] ?? []);
      return arns.map(readable);
    };

    expect(signersOf(rotating, 'SessionKey2')).toHaveLength(3);
    expect(signersOf(rotating, 'SessionKey2')).toEqual(signersOf(dev, 'SessionKey'));
    expect(signersOf(rotating, 'SessionKey')).toEqual(signersOf(dev, 'SessionKey'));
  });

  test('a function is replaced only after its role may use the new key', () => {
    for (const lambda of ['CreateSignIn', 'BrowserSessions', 'BackendSessions', 'Tickets']) {
      const [, fn] = functions.find(([id]) => nameOf(id) === `${lambda}Function`) ?? [];
      const { DependsOn = [] } = Object(fn) as { readonly DependsOn?: readonly string[] };
      expect(DependsOn.map(nameOf)).toContain(`${lambda}Permissions`);
    }
  });

  test('no key lets anybody but the account administer it, and nothing is allowed by kms:*', () => {
    expect(JSON.stringify(rotating)).not.toContain('kms:*');
    for (const [, { Properties }] of keysOf(rotating)) {
      const { Statement: statements } = Properties.KeyPolicy as { readonly Statement: readonly Statement[] };
      expect(statements.map(({ Sid }) => Sid).filter((sid) => sid !== undefined)).toEqual(['Administration']);
    }
  });
});

test('a retired key leaves the template, where prod keeps it in KMS and dev has it deleted', () => {
  const retired = synthesized({ stage: 'prod', sessionKeys: '2' });

  expect(keysOf(retired).map(([id]) => nameOf(id))).toEqual(['TicketKey', 'SessionKey2']);
});
