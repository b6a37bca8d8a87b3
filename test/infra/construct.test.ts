// Several instances in one app, in stacks that are not ours.
import { Stack } from 'aws-cdk-lib/core';
import { afterAll, describe, expect, test } from 'vitest';
import { ActorTokens } from '../../cdk/actor-tokens.ts';
import { ConfigError } from '../../cdk/config/error.ts';
import { discardApps, emptyApp, nameOf, readable, resourcesOf, type Template } from './synthesized.ts';

afterAll(discardApps);

const app = emptyApp();
const shared = new Stack(app, 'shared');
const support = new ActorTokens(shared, 'Support', { stackName: 'support' });
const partners = new ActorTokens(shared, 'Partners', { stackName: 'partners', stage: 'prod' });
const other = new Stack(app, 'other');
new ActorTokens(other, 'Support', { stackName: 'other-support' });
const assembly = app.synth();
const templateOf = (stack: Stack): Template => assembly.getStackArtifact(stack.artifactId).template;
const templates = [templateOf(shared), templateOf(other)];

/** The values of one property in all templates, as readable text. */
function valuesOf(type: string, property: string): readonly string[] {
  return templates.flatMap((template) =>
    resourcesOf(template, type).map(([, { Properties }]) => readable(Properties[property])),
  );
}

describe('several instances in one app', () => {
  test.each([
    ['AWS::CloudWatch::Alarm', 'AlarmName'],
    ['AWS::CloudWatch::Dashboard', 'DashboardName'],
    ['AWS::KMS::Alias', 'AliasName'],
    ['AWS::ApiGatewayV2::Api', 'Name'],
  ])('have no %s with the same %s', (type, property) => {
    const names = valuesOf(type, property);

    expect(names.length).toBeGreaterThanOrEqual(3);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^(alias\/)?(support|partners|other-support)\b/);
  });

  test('have ids of their own, so that one refuses the tickets of the other', () => {
    expect(support.config.instanceId).not.toBe(partners.config.instanceId);
  });

  test('use their own tables and keys', () => {
    const policies = resourcesOf(templateOf(shared), 'AWS::IAM::Policy');

    expect(policies.length).toBeGreaterThan(2);
    for (const [id, { Properties }] of policies) {
      const [own, foreign] = id.startsWith('Support') ? ['Support', 'Partners'] : ['Partners', 'Support'];
      const { Statement } = Properties.PolicyDocument as { Statement: readonly { Resource: unknown }[] };
      const resources = Statement.flatMap(({ Resource }) => [Resource].flat().map(readable));
      expect(resources.filter((resource) => resource.startsWith(foreign))).toEqual([]);
      expect(resources.filter((resource) => !resource.startsWith(own))).toEqual([]);
    }
  });
});

test('an instance exposes its tables, keys, URLs, publishable key and outputs', () => {
  const value = (token: unknown) => readable(shared.resolve(token));

  expect(nameOf(value(support.tables.Users.tableName))).toBe('SupportUsersTable');
  expect(value(support.keys.ticket[0].keyId)).toBe('SupportTicketKey');
  expect(value(support.urls.api)).toBe('SupportApi.ApiEndpoint');
  expect(value(support.publishableKey)).toMatch(/^pk_live_/);
  expect(support.outputs.Stage).toEqual({ value: 'dev', description: expect.any(String) });
  expect(templateOf(shared).Outputs ?? {}).toEqual({});
});

test('wrong props are refused like a wrong configuration file', () => {
  expect(() => new ActorTokens(new Stack(emptyApp(), 'stack'), 'Instance', { generation: 0 })).toThrow(ConfigError);
});
