import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';

/** The attributes of a DynamoDB item as JavaScript values. */
export type Item = Readonly<Record<string, unknown>>;

/**
 * The item with these attributes. Every number becomes a JavaScript number, the nearest one if need be: by default `unmarshall` throws for
 * some that DynamoDB can store, and an item that somebody wrote must not keep the others from being read.
 */
export function itemFrom(attributes: Record<string, AttributeValue>): Item {
  return unmarshall(attributes, { wrapNumbers: Number });
}
