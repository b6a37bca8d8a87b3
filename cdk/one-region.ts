import { CfnResource, type Stack } from 'aws-cdk-lib/core';

/** What CDK's older `Table` makes of each of its `replicationRegions`. */
const REPLICA = 'Custom::DynamoDBReplica';

interface Rendered {
  readonly Replicas?: readonly unknown[];
  /** Makes a table the replica of one in another account. */
  readonly GlobalTableSourceArn?: unknown;
}

/** The properties of a resource as they go into the template, with whatever aspects and escape hatches have changed. */
function rendered(resource: CfnResource): Rendered {
  const { Resources = {} } = resource.stack.resolve(resource._toCloudFormation());
  return Resources[resource.stack.resolve(resource.logicalId)]?.Properties ?? {};
}

function isReplicated(resource: CfnResource): boolean {
  if (resource.cfnResourceType === REPLICA) return true;
  if (resource.cfnResourceType !== 'AWS::DynamoDB::GlobalTable') return false;
  const { Replicas = [], GlobalTableSourceArn } = rendered(resource);
  return Replicas.length > 1 || GlobalTableSourceArn !== undefined;
}

/**
 * Lets the stack fail to synthesize as soon as one of its tables has a replica in another Region, by whatever hand: the same
 * ticket could then sign someone in once in each Region.
 */
export function requireOneRegion(stack: Stack): void {
  stack.node.addValidation({
    validate: () =>
      stack.node
        .findAll()
        .filter((node) => node instanceof CfnResource)
        .filter(isReplicated)
        .map(
          (table) =>
            `${table.node.path} has replicas: keep it in one Region, because a global table evaluates conditions against the ` +
            'copy of its own Region, so the same ticket could be used once in each (see "Limits" in README.md).',
        ),
  });
}
