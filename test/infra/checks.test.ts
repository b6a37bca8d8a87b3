import { CfnTable } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { addChecks } from '../../cdk/checks.ts';
import { ConfigError } from '../../cdk/config.ts';
import { appWith, discardApps } from './synthesized.ts';

/** The rules of CloudFormation and of cdk-nag take seconds to load, on a busy machine more than vitest's five. */
vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => {
  vi.stubEnv('CDK_VALIDATION', undefined);
});

afterEach(() => {
  discardApps();
  vi.unstubAllEnvs();
});

test.each(['dev', 'prod'])('the stack of %s passes every check', async (stage) => {
  const { app } = appWith({ stage }, { checked: true });
  await addChecks(app);

  expect(() => app.synth()).not.toThrow();
});

describe('a template does not synthesize', () => {
  test('that breaks a rule of AWS Solutions', async () => {
    const { app, stack } = appWith({}, { checked: false });
    const role = new Role(stack, 'Careless', { assumedBy: new AnyPrincipal() });
    role.addToPolicy(new PolicyStatement({ actions: ['dynamodb:*'], resources: ['*'] }));
    await addChecks(app);

    expect(() => app.synth()).toThrow('AwsSolutions-IAM5');
  });

  test('that CloudFormation would refuse', async () => {
    const { app, stack } = appWith({ validate: true }, { checked: true });
    new CfnTable(stack, 'Careless', { keySchema: [] }).addPropertyOverride('BillngMode', 'PAY_PER_REQUEST');

    expect(() => app.synth()).toThrow('BillngMode');
  });
});

describe('validate', () => {
  test('false leaves the checks out', async () => {
    const { app, stack } = appWith({ validate: 'false' }, { checked: true });
    new Role(stack, 'Careless', { assumedBy: new AnyPrincipal() }).addToPolicy(
      new PolicyStatement({ actions: ['dynamodb:*'], resources: ['*'] }),
    );
    await addChecks(app);

    expect(() => app.synth()).not.toThrow();
  });

  test('is refused when it is neither true nor false', async () => {
    const { app } = appWith({ validate: 'no' }, { checked: false });

    await expect(addChecks(app)).rejects.toThrow(new ConfigError('validate is "no": write true or false.'));
  });
});
