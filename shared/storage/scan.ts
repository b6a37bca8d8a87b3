import { paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Instance } from '../base/instance.ts';
import { answerOf, dynamodbOf } from './dynamodb.ts';
import type { Item } from './item.ts';

/**
 * All items of a table, as they are now (strongly consistent), read page by page on demand. It is for the commands of operators: no
 * Lambda may scan a table.
 *
 * @throws `too_many_requests`; NoAnswerError
 */
export async function* scanItems(instance: Instance, table: string): AsyncGenerator<Item> {
  const pages = paginateScan({ client: dynamodbOf(instance) }, { TableName: table, ConsistentRead: true });
  for (let page = await answerOf(pages.next()); !page.done; page = await answerOf(pages.next()))
    for (const item of page.value.Items ?? []) yield unmarshall(item);
}
