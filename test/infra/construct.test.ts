// Several instances in one app, in stacks that are not ours.
import * as assertions from 'aws-cdk-lib/assertions';
import { Stack } from 'aws-cdk-lib/core';
import { afterAll, describe, expect, test } from 'vitest';
import { ActorTokens, type ActorTokensProps } from '../../cdk/actor-tokens.ts';
import { ConfigError } from '../../cdk/config/error.ts';
import { inHostedZone } from './configured.ts';
import { discardApps, emptyApp, nameOf, readable, resourcesOf, type Template } from './synthesized.ts';

afterAll(discardApps);

const app = emptyApp();
const shared = new Stack(app, 'shared');
const support = new ActorTokens(shared, 'Support', { namePrefix: 'support' });
const partners = new ActorTokens(shared, 'Partners', { namePrefix: 'partners', stage: 'prod' });
const other = new Stack(app, 'other');
const defaulted = new ActorTokens(other, 'Support');
const assembly = app.synth();
const templateOf = (stack: Stack): Template => assembly.getStackArtifact(stack.artifactId).template;
const templates = [templateOf(shared), templateOf(other)];

/** The values of one property in all templates, as readable text. */
function valuesOf(type: string, property: string): readonly string[] {
  return templates.flatMap((template) =>
    resourcesOf(template, type).map(([, { Properties }]) => readable(Properties[property])),
  );
}

test('two instances with everything fit into the 500 resources of a stack', () => {
  const count = (props: ActorTokensProps) => {
    const stack = new Stack(emptyApp(), 'counted');
    new ActorTokens(stack, 'Instance', { namePrefix: 'counted', ...props });
    return Object.keys(assertions.Template.fromStack(stack).toJSON().Resources).length;
  };
  const all = { ...inHostedZone, audit: 'on', alarmEmail: 'a@example.com', cloudTrailLogGroup: 'trail' } as const;

  expect(count({})).toBeGreaterThan(170);
  expect(count(all)).toBeLessThan(245);
});

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
    for (const name of names) expect(name).toMatch(/^(alias\/)?(support|partners|other-Support)\b/);
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
  expect([value(support.apiUrl), value(support.frontendApiUrl)]).toEqual(Array(2).fill('SupportApi.ApiEndpoint'));
  expect(value(support.publishableKey)).toMatch(/^pk_live_/);
  expect(support.outputs.Stage).toEqual({ value: 'dev', description: expect.any(String) });
});

test('the outputs of a stack begin with the ids of its instances, and have the values of the construct', () => {
  const named = Object.keys(support.outputs).flatMap((name) => [`Support${name}`, `Partners${name}`]);

  expect(Object.keys(templateOf(shared).Outputs).toSorted()).toEqual(named.toSorted());
  expect(readable(templateOf(shared).Outputs.PartnersStage?.Value)).toBe('prod');
  expect(readable(templateOf(other).Outputs.SupportNamePrefix?.Value)).toBe(defaulted.config.stackName);
});

test.each([
  [
    'a stack with a long name',
    'a-stack-with-quite-a-long-name',
    undefined,
    'a-stack-with-quite-a-long-name-Instance" by default',
  ],
  ['a wrong prefix', 'stack', 'my_prefix', 'my_prefix"'],
])('the names of %s are refused with the prop to write', (_, stackName, namePrefix, named) => {
  const stack = new Stack(emptyApp(), stackName);

  expect(() => new ActorTokens(stack, 'Instance', { ...(namePrefix !== undefined && { namePrefix }) })).toThrow(
    `namePrefix is "${named}: set the prop to up to 32 letters, digits and hyphens, beginning with a letter, such as support.`,
  );
});

test('wrong props are refused like a wrong configuration file', () => {
  expect(() => new ActorTokens(new Stack(emptyApp(), 'stack'), 'Instance', { generation: 0 })).toThrow(ConfigError);
});
