import { AttributeType, CfnGlobalTable, Table, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Aspects, CfnResource, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { afterEach, describe, expect, test } from 'vitest';
import { parseConfig } from '../../cdk/config/config.ts';
import { requireOneRegion } from '../../cdk/one-region.ts';
import { createTables } from '../../cdk/tables.ts';
import { appWith, discardApps, emptyApp } from './synthesized.ts';

afterEach(discardApps);

const id = { name: 'id', type: AttributeType.STRING };
const elsewhere = [{ region: 'us-east-1' }, { region: 'eu-west-1' }];

interface Parts {
  readonly stack: Stack;
  /** Stands for the construct of an instance. */
  readonly instance: Construct;
}

/** Synthesizes the tables of an instance after a change to them. */
function synthesis(change: (parts: Parts) => void): () => unknown {
  const app = emptyApp();
  const stack = new Stack(app, 'stack');
  const instance = new Construct(stack, 'instance');
  createTables(instance, parseConfig({}));
  requireOneRegion(instance);
  change({ stack, instance });
  return () => app.synth();
}

function firstTable(scope: Construct): CfnGlobalTable {
  const [table] = scope.node.findAll().filter((node) => node instanceof CfnGlobalTable);
  return table ?? expect.fail('The stack has no table.');
}

test('tables in one Region synthesize', () => {
  expect(synthesis(() => undefined)).not.toThrow();
});

test('an instance with a replicated table does not synthesize, and one sentence says why', () => {
  const { app, stack } = appWith({});
  firstTable(stack).replicas = elsewhere;

  expect(() => app.synth()).toThrow(
    '[actor-tokens-dev/Default] actor-tokens-dev/Default/ActorTokensTable/Resource has replicas: keep it in one Region, ' +
      'because each replica of a global table evaluates conditions against its own copy, so the same ticket could be redeemed ' +
      'once in each Region (see docs/limits.md).',
  );
});

describe('replicas of a table within the instance are refused, however they are added:', () => {
  test('by an aspect', () => {
    const synth = synthesis(({ stack }) =>
      Aspects.of(stack).add({
        visit: (node) => {
          if (node instanceof CfnGlobalTable) node.replicas = elsewhere;
        },
      }),
    );

    expect(synth).toThrow(/(.+ has replicas: .+\n?){5}/);
  });

  test('by an override of the template', () => {
    const synth = synthesis(({ instance }) =>
      firstTable(instance).addPropertyOverride('Replicas', [{ Region: 'us-east-1' }, { Region: 'eu-west-1' }]),
    );

    expect(synth).toThrow('has replicas');
  });

  test('as another table', () => {
    const synth = synthesis(({ instance }) => {
      const table = new TableV2(instance, 'Other', { partitionKey: id });
      firstTable(table).replicas = elsewhere;
    });

    expect(synth).toThrow('stack/instance/Other/Resource has replicas');
  });

  test('as a plain CloudFormation resource', () => {
    const synth = synthesis(({ instance }) => {
      const properties = { Replicas: [{ Region: 'us-east-1' }, { Region: 'eu-west-1' }] };
      new CfnResource(instance, 'Plain', { type: 'AWS::DynamoDB::GlobalTable', properties });
    });

    expect(synth).toThrow('stack/instance/Plain has replicas');
  });

  test('as a replica of a table of another account', () => {
    const synth = synthesis(({ instance }) => {
      const properties = { GlobalTableSourceArn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/ActorTokens' };
      new CfnResource(instance, 'Copy', { type: 'AWS::DynamoDB::GlobalTable', properties });
    });

    expect(synth).toThrow('stack/instance/Copy has replicas');
  });

  test("by CDK's older kind of table", () => {
    const synth = synthesis(({ instance }) => {
      new Table(instance, 'Older', { partitionKey: id, replicationRegions: ['eu-west-1'] });
    });

    expect(synth).toThrow(/stack\/instance\/Older\/Replica.* has replicas/);
  });
});

test('a replicated table beside the instance is the business of its stack', () => {
  const synth = synthesis(({ stack }) => {
    firstTable(new TableV2(stack, 'Beside', { partitionKey: id })).replicas = elsewhere;
  });

  expect(synth).not.toThrow();
});
