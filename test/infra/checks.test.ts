import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { type App, Stack } from 'aws-cdk-lib/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { addChecks } from '../../cdk/checks.ts';
import { ConfigError } from '../../cdk/config/error.ts';
import type { ConfigInput } from '../../cdk/config/schema.ts';
import { behindCloudFront, zone } from './configured.ts';
import { appWith, discardApps, emptyApp } from './synthesized.ts';

beforeEach(() => {
  vi.stubEnv('CDK_VALIDATION', undefined);
});

afterEach(() => {
  discardApps();
  vi.unstubAllEnvs();
});

/** A role that may do anything with any table. */
function addCarelessRole(app: App): void {
  const role = new Role(new Stack(app, 'stack'), 'Careless', { assumedBy: new AnyPrincipal() });
  role.addToPolicy(new PolicyStatement({ actions: ['dynamodb:*'], resources: ['*'] }));
}

// The rules of CloudFormation and of cdk-nag take seconds to load.
test.each<[string, ConfigInput]>([
  ['dev', {}],
  ['prod behind CloudFront in a hosted zone', { ...behindCloudFront, ...zone }],
  ['dev with a log', { audit: 'on' }],
  ['dev with a log in another account', { audit: 'on', auditBucket: 'corp-log-archive' }],
])('the stacks of %s pass every check', { timeout: 120_000 }, async (_name, props) => {
  const { app } = appWith(props, { checked: true });
  await addChecks(app);

  expect(() => app.synth()).not.toThrow();
});

test('a template that breaks a rule of AWS Solutions does not synthesize', async () => {
  const app = emptyApp();
  addCarelessRole(app);
  await addChecks(app);

  expect(() => app.synth()).toThrow('AwsSolutions-IAM5');
});

test('a template that CloudFormation refuses does not synthesize', () => {
  const app = emptyApp({ checked: true });
  new CfnTable(new Stack(app, 'stack'), 'Careless', { keySchema: [] }).addPropertyOverride('BillngMode', 'x');

  expect(() => app.synth()).toThrow('BillngMode');
});

describe('validate', () => {
  test('false switches the checks off', async () => {
    const app = emptyApp({ checked: true });
    app.node.setContext('validate', 'false');
    addCarelessRole(app);
    await addChecks(app);

    expect(() => app.synth()).not.toThrow();
  });

  test('must be true or false', async () => {
    const app = emptyApp();
    app.node.setContext('validate', 'no');

    await expect(addChecks(app)).rejects.toThrow(new ConfigError('validate is "no": write true or false.'));
  });
});
