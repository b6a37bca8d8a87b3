import { paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { config } from '../base/config.ts';
import { answered, dynamodb } from '../storage/dynamodb.ts';
import type { Item } from '../storage/write.ts';

/** All that is stored of secret keys. There is a handful of them, and only an operator asks: so the table is walked through. */
export async function storedSecretKeys(): Promise<readonly Item[]> {
  const items: Item[] = [];
  const pages = paginateScan({ client: dynamodb }, { TableName: config.tables.secretKeys, ConsistentRead: true });
  for (let page = await answered(pages.next()); !page.done; page = await answered(pages.next()))
    items.push(...(page.value.Items ?? []).map((item) => unmarshall(item)));
  return items;
}
