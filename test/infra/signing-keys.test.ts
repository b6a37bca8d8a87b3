import { tmpdir } from 'node:os';
import { App, Stack } from 'aws-cdk-lib/core';
import { expect, test } from 'vitest';
import { statements } from '../../cdk/grants.ts';
import { permissions } from '../../cdk/permissions.ts';
import { SigningKey } from '../../cdk/signing-key.ts';
import { stages } from '../../cdk/stages.ts';
import { createTables } from '../../cdk/tables.ts';
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

test('a key policy names nobody but the account itself', () => {
  const root = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, ':root']] };

  for (const [, { Properties }] of keysOf(dev))
    expect(Properties.KeyPolicy).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'kms:*', Principal: { AWS: root }, Resource: '*' }],
    });
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

test('a replaced key still verifies and signs no more', () => {
  const stack = new Stack(new App({ outdir: tmpdir() }));
  const key = (name: string) => new SigningKey(stack, name, { name, description: name, stage: stages.dev });
  const keys = { ticket: [key('Ticket')], session: [key('NewSession'), key('OldSession')] } as const;

  const granted = statements(permissions['browser-sessions'], createTables(stack, stages.dev), keys)
    .map((statement) => stack.resolve(statement.toStatementJson()))
    .map(({ Action, Resource }) => `${Action} on ${[Resource].flat().map(readable)}`);

  expect(granted.filter((line) => line.startsWith('kms:'))).toEqual([
    'kms:Sign on NewSession.Arn',
    'kms:GetPublicKey on NewSession.Arn,OldSession.Arn',
  ]);
});
