import { AttributeType, CfnGlobalTable, Table, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Aspects, CfnResource } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { afterEach, describe, expect, test } from 'vitest';
import { appWith, discardApps } from './synthesized.ts';

afterEach(discardApps);

const id = { name: 'id', type: AttributeType.STRING };
const elsewhere = [{ region: 'us-east-1' }, { region: 'eu-west-1' }];

/** The stack, with something done to it, as `cdk synth` meets it. */
function synthesis(change: (parts: ReturnType<typeof appWith>) => void): () => unknown {
  const parts = appWith({}, { checked: false });
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

test('a table with replicas does not, and one sentence says why', () => {
  const synth = synthesis((parts) => {
    ownTable(parts).replicas = elsewhere;
  });

  expect(synth).toThrow(
    '[actor-tokens-dev] actor-tokens-dev/ActorTokensTable/Resource has replicas: keep it in one Region, because a global ' +
      'table evaluates conditions against the copy of its own Region, so the same ticket could be used once in each (see ' +
      '"Limits" in README.md).',
  );
});

describe('replicas are found, whoever adds them:', () => {
  test('an aspect', () => {
    const synth = synthesis(({ stack }) =>
      Aspects.of(stack).add({
        visit: (node) => {
          if (node instanceof CfnGlobalTable) node.replicas = elsewhere;
        },
      }),
    );

    expect(synth).toThrow(/(.+ has replicas: .+\n?){5}/);
  });

  test('an override of the template', () => {
    const synth = synthesis((parts) =>
      ownTable(parts).addPropertyOverride('Replicas', [{ Region: 'us-east-1' }, { Region: 'eu-west-1' }]),
    );

    expect(synth).toThrow('has replicas');
  });

  test('another table of the stack', () => {
    const synth = synthesis(({ stack }) => {
      const table = new TableV2(stack, 'Other', { partitionKey: id });
      ownTable({ stack: table }).replicas = elsewhere;
    });

    expect(synth).toThrow('actor-tokens-dev/Other/Resource has replicas');
  });

  test('a plain CloudFormation resource', () => {
    const synth = synthesis(({ stack }) => {
      const properties = { Replicas: [{ Region: 'us-east-1' }, { Region: 'eu-west-1' }] };
      new CfnResource(stack, 'Plain', { type: 'AWS::DynamoDB::GlobalTable', properties });
    });

    expect(synth).toThrow('actor-tokens-dev/Plain has replicas');
  });

  test('a table of another account that is replicated into the stack', () => {
    const synth = synthesis(({ stack }) => {
      const properties = { GlobalTableSourceArn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/ActorTokens' };
      new CfnResource(stack, 'Copy', { type: 'AWS::DynamoDB::GlobalTable', properties });
    });

    expect(synth).toThrow('actor-tokens-dev/Copy has replicas');
  });

  test("CDK's older kind of table", () => {
    const synth = synthesis(({ stack }) => {
      new Table(stack, 'Older', { partitionKey: id, replicationRegions: ['eu-west-1'] });
    });

    expect(synth).toThrow(/actor-tokens-dev\/Older\/Replica.* has replicas/);
  });
});
