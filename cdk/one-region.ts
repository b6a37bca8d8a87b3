import { CfnResource } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';

/** CDK's older `Table` creates one of these for each of its `replicationRegions`. */
const REPLICA = 'Custom::DynamoDBReplica';

interface TableProperties {
  readonly Replicas?: readonly unknown[];
  /** A table with it is a replica of a table in another account. */
  readonly GlobalTableSourceArn?: unknown;
}

/** The properties of a resource as they appear in the template, after aspects and escape hatches have changed them. */
function render(resource: CfnResource): TableProperties {
  const { Resources = {} } = resource.stack.resolve(resource._toCloudFormation());
  return Resources[resource.stack.resolve(resource.logicalId)]?.Properties ?? {};
}

function isReplicated(resource: CfnResource): boolean {
  if (resource.cfnResourceType === REPLICA) return true;
  if (resource.cfnResourceType !== 'AWS::DynamoDB::GlobalTable') return false;
  const { Replicas = [], GlobalTableSourceArn } = render(resource);
  return Replicas.length > 1 || GlobalTableSourceArn !== undefined;
}

/**
 * Makes the synthesis fail if a table within `scope` has a replica in another Region, however it was added: the same ticket could
 * then be redeemed once in each Region.
 */
export function requireOneRegion(scope: Construct): void {
  scope.node.addValidation({
    validate: () =>
      scope.node
        .findAll()
        .filter((node) => node instanceof CfnResource)
        .filter(isReplicated)
        .map(
          (table) =>
            `${table.node.path} has replicas: keep it in one Region, because each replica of a global table evaluates conditions ` +
            'against its own copy, so the same ticket could be redeemed once in each Region (see docs/limits.md).',
        ),
  });
}
