// Restored tables take the place of the instance's own ones once the generation is raised.
import { describe, expect, test } from 'vitest';
import { tableDefinitions } from '../../cdk/table-definitions.ts';
import { nameOf, readable, resourcesOf, synthesized, type Template } from './synthesized.ts';

const names = Object.keys(tableDefinitions);
const allRestored = Object.fromEntries(names.map((name) => [name, `actor-tokens-dev-${name}-g2`]));
const own = synthesized();
const restored = synthesized({ generation: 2, restoredTables: allRestored });
const oneRestored = synthesized({ generation: 2, restoredTables: { Sessions: 'actor-tokens-dev-Sessions-g2' } });

const tablesOf = (template: Template) => resourcesOf(template, 'AWS::DynamoDB::GlobalTable');

function variablesOf(template: Template): readonly Readonly<Record<string, unknown>>[] {
  const functions = resourcesOf(template, 'AWS::Lambda::Function').filter(([id]) => !id.startsWith('HealthCheck'));
  return functions.map(
    ([, { Properties }]) =>
      (Properties.Environment as { readonly Variables: Readonly<Record<string, unknown>> }).Variables,
  );
}

/** The tables and indexes that the policies name, the stack's own by their logical names. */
function tablesInPolicies(template: Template): ReadonlySet<string> {
  const statements = resourcesOf(template, 'AWS::IAM::Policy').flatMap(
    ([, { Properties }]) =>
      (Properties.PolicyDocument as { readonly Statement: readonly { Action: unknown; Resource: unknown }[] })
        .Statement,
  );
  const resources = statements
    .filter(({ Action }) => JSON.stringify(Action).includes('dynamodb:'))
    .flatMap(({ Resource }) => [Resource].flat().map(readable));
  return new Set(resources.map((resource) => resource.replace(/^.*:table\//, '')));
}

describe('with every table restored', () => {
  test('every function uses the restored ones, under the next generation', () => {
    for (const variables of variablesOf(restored))
      expect(variables).toMatchObject({
        GENERATION: '2',
        ACTOR_TOKENS_TABLE: 'actor-tokens-dev-ActorTokens-g2',
        SESSIONS_TABLE: 'actor-tokens-dev-Sessions-g2',
        CLIENTS_TABLE: 'actor-tokens-dev-Clients-g2',
        USERS_TABLE: 'actor-tokens-dev-Users-g2',
        SECRET_KEYS_TABLE: 'actor-tokens-dev-SecretKeys-g2',
        BLOCKLIST_TABLE: 'actor-tokens-dev-Blocklist-g2',
      });
  });

  test('the roles reach the restored tables with their indexes, and the own ones no longer', () => {
    expect([...tablesInPolicies(restored)].sort()).toEqual([
      'actor-tokens-dev-ActorTokens-g2',
      'actor-tokens-dev-Blocklist-g2',
      'actor-tokens-dev-Blocklist-g2/index/byBlocked',
      'actor-tokens-dev-Clients-g2',
      'actor-tokens-dev-SecretKeys-g2',
      'actor-tokens-dev-Sessions-g2',
      'actor-tokens-dev-Sessions-g2/index/byClient',
      'actor-tokens-dev-Sessions-g2/index/byCreated',
      'actor-tokens-dev-Sessions-g2/index/byUser',
      'actor-tokens-dev-Users-g2',
      'actor-tokens-dev-Users-g2/index/byCreated',
      'actor-tokens-dev-Users-g2/index/byIdentifier',
    ]);
  });

  test('the restored tables are in the account and Region of the stack', () => {
    const policies = JSON.stringify(resourcesOf(restored, 'AWS::IAM::Policy'));

    expect(policies).toContain(
      '":dynamodb:",{"Ref":"AWS::Region"},":",{"Ref":"AWS::AccountId"},":table/actor-tokens-dev-ActorTokens-g2"',
    );
  });

  test('the outputs name the restored tables', () => {
    for (const name of names) expect(restored.Outputs[`${name}Table`]?.Value).toBe(`actor-tokens-dev-${name}-g2`);
    expect(restored.Outputs.Generation?.Value).toBe('2');
  });

  test("the instance's own tables are kept unchanged", () => {
    expect(tablesOf(restored)).toEqual(tablesOf(own));
    expect(tablesOf(restored).map(([id]) => nameOf(id))).toEqual(names.map((name) => `${name}Table`));
  });
});

test('with one table restored, the other own tables stay in use', () => {
  for (const variables of variablesOf(oneRestored)) {
    expect(variables.SESSIONS_TABLE).toBe('actor-tokens-dev-Sessions-g2');
    expect(readable(variables.ACTOR_TOKENS_TABLE)).toBe('ActorTokensTable');
  }
  const reached = tablesInPolicies(oneRestored);
  expect(reached).toContain('actor-tokens-dev-Sessions-g2/index/byUser');
  expect(reached).toContain('UsersTable.Arn/index/byCreated');
  expect(reached).not.toContain('SessionsTable.Arn');
});
