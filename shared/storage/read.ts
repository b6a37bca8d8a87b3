import {
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { answered, dynamodb } from './dynamodb.ts';
import type { Item } from './write.ts';

/** The item as it is now (a strongly consistent read), or undefined. */
export async function getItem(table: string, key: Readonly<Record<string, string>>): Promise<Item | undefined> {
  const command = new GetItemCommand({ TableName: table, Key: marshall(key), ConsistentRead: true });
  const output = await answered(dynamodb.send(command));
  return output.Item && unmarshall(output.Item);
}

/**
 * Every item of one index partition, newest first, page by page. An index lags behind its table by a moment: no security
 * decision may rest on it.
 */
export async function* queryIndex(
  table: string,
  index: string,
  partition: Readonly<Record<string, string>>,
): AsyncGenerator<Item> {
  const [name, value] = Object.entries(partition)[0] ?? ['', ''];
  const input: QueryCommandInput = {
    TableName: table,
    IndexName: index,
    KeyConditionExpression: '#partition = :partition',
    ExpressionAttributeNames: { '#partition': name },
    ExpressionAttributeValues: marshall({ ':partition': value }),
    ScanIndexForward: false,
  };
  let page: QueryCommandOutput | undefined;
  do {
    page = await answered(dynamodb.send(new QueryCommand({ ...input, ExclusiveStartKey: page?.LastEvaluatedKey })));
    for (const item of page.Items ?? []) yield unmarshall(item);
  } while (page.LastEvaluatedKey);
}
