import { AttributeType, CfnGlobalTable, Table, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Aspects, CfnResource } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { afterEach, describe, expect, test } from 'vitest';
import { appWith, discardApps } from './synthesized.ts';

afterEach(discardApps);

const id = { name: 'id', type: AttributeType.STRING };
const elsewhere = [{ region: 'us-east-1' }, { region: 'eu-west-1' }];

/** Synthesizes the stack after a change to it. */
function synthesis(change: (parts: ReturnType<typeof appWith>) => void): () => unknown {
  const parts = appWith({});
  change(parts);
  return () => parts.app.synth();
}

function ownTable({ stack }: { readonly stack: Construct }): CfnGlobalTable {
  const [table] = stack.node.findAll().filter((node) => node instanceof CfnGlobalTable);
  return table ?? expect.fail('The stack has no table.');
}

test('tables in one Region synthesize', () => {
  expect(synthesis(() => undefined)).not.toThrow();
});

test('a table with replicas does not synthesize, and one sentence says why', () => {
  const synth = synthesis((parts) => {
    ownTable(parts).replicas = elsewhere;
  });

  expect(synth).toThrow(
    '[actor-tokens-dev/Default] actor-tokens-dev/Default/ActorTokensTable/Resource has replicas: keep it in one Region, ' +
      'because each replica of a global table evaluates conditions against its own copy, so the same ticket could be redeemed ' +
      'once in each Region (see "Limits" in README.md).',
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
    const synth = synthesis((parts) =>
      ownTable(parts).addPropertyOverride('Replicas', [{ Region: 'us-east-1' }, { Region: 'eu-west-1' }]),
    );

    expect(synth).toThrow('has replicas');
  });

  test('as another table', () => {
    const synth = synthesis(({ stack: { instance } }) => {
      const table = new TableV2(instance, 'Other', { partitionKey: id });
      ownTable({ stack: table }).replicas = elsewhere;
    });

    expect(synth).toThrow('actor-tokens-dev/Default/Other/Resource has replicas');
  });

  test('as a plain CloudFormation resource', () => {
    const synth = synthesis(({ stack: { instance } }) => {
      const properties = { Replicas: [{ Region: 'us-east-1' }, { Region: 'eu-west-1' }] };
      new CfnResource(instance, 'Plain', { type: 'AWS::DynamoDB::GlobalTable', properties });
    });

    expect(synth).toThrow('actor-tokens-dev/Default/Plain has replicas');
  });

  test('as a replica of a table of another account', () => {
    const synth = synthesis(({ stack: { instance } }) => {
      const properties = { GlobalTableSourceArn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/ActorTokens' };
      new CfnResource(instance, 'Copy', { type: 'AWS::DynamoDB::GlobalTable', properties });
    });

    expect(synth).toThrow('actor-tokens-dev/Default/Copy has replicas');
  });

  test("by CDK's older kind of table", () => {
    const synth = synthesis(({ stack: { instance } }) => {
      new Table(instance, 'Older', { partitionKey: id, replicationRegions: ['eu-west-1'] });
    });

    expect(synth).toThrow(/actor-tokens-dev\/Default\/Older\/Replica.* has replicas/);
  });
});

test('a replicated table beside the instance is the business of its stack', () => {
  const synth = synthesis(({ stack }) => {
    ownTable({ stack: new TableV2(stack, 'Beside', { partitionKey: id }) }).replicas = elsewhere;
  });

  expect(synth).not.toThrow();
});
