// What one list or count of users reads at most, on a table of its own.
import { BatchWriteItemCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, inject, test } from 'vitest';
import { newId } from '../../shared/base/ids.ts';
import { limits } from '../../shared/base/limits.ts';
import { epochMs } from '../../shared/base/time.ts';
import { restore } from '../restore/restored.ts';
import { noon } from '../support/clock.ts';
import { startApi, testInstance } from '../support/http.ts';
import { summary } from '../support/refusal.ts';

const { dynamodbEndpoint } = inject('stack');
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const engine = new DynamoDBClient({ endpoint: dynamodbEndpoint, region: 'us-east-1', credentials });

/** Source: DynamoDB API reference, BatchWriteItem. */
const ITEMS_A_CALL = 25;

/** Stores users with a filler, so that reading a few of them reads many megabytes. */
async function storeUsers(TableName: string, count: number, fillerBytes: number): Promise<void> {
  for (let start = 0; start < count; start += ITEMS_A_CALL) {
    const puts = Array.from({ length: Math.min(ITEMS_A_CALL, count - start) }, (_, position) => {
      const at = epochMs(noon + start + position);
      const Item = marshall({
        id: newId('user', at),
        kind: 'user',
        searched_text: 'ada',
        username: null,
        first_name: 'Ada',
        last_name: null,
        email_addresses: [],
        phone_numbers: [],
        totp_enabled: false,
        backup_code_enabled: false,
        public_metadata: '{}',
        private_metadata: '{}',
        unsafe_metadata: '{}',
        banned: false,
        created_at: at,
        updated_at: at,
        filler: 'x'.repeat(fillerBytes),
      });
      return { PutRequest: { Item } };
    });
    await engine.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: puts } }));
  }
}

async function aTable(suffix: string, count: number, fillerBytes: number) {
  const variables = await restore(new Map([['USERS', []]]), suffix);
  const TableName = variables.USERS_TABLE ?? '';
  await storeUsers(TableName, count, fillerBytes);
  const drop = async () => {
    await engine.send(new DeleteTableCommand({ TableName }));
  };
  return { api: startApi(testInstance(variables)), drop };
}

const REFUSED = '422 form_param_value_invalid';

test('a list that would read more than 50 MB of users is refused, and a narrower one is not', async () => {
  const { megabytes } = limits.userSearch;
  // A page ends with the item that reaches 1 MB: each has three of these.
  const { api, drop } = await aTable('wide', 3 * megabytes + 1, 350_000);
  const get = (query: string) => api.callBackend('GET', `/v1/users?${query}`);

  const answers = [
    await get('query=grace'),
    await get(`query=grace&created_at_after=${noon + 3 * (megabytes - 1)}`),
    await get('query=ada&limit=1'),
  ];
  await drop();

  expect(answers.map(summary)).toEqual([REFUSED, '200', '200']);
  expect(answers[0]?.json.errors[0].long_message).toContain('more than 50 MB');
});

test('a list that would sort or skip more than 10,000 users is refused, and a page behind a cursor is not', async () => {
  const { users } = limits.userSearch;
  const { api, drop } = await aTable('long', users + 1, 0);
  const get = (query: string) => api.callBackend('GET', `/v1/users?${query}`);
  const [oldest] = (await get('order_by=created_at&limit=1')).json;

  const answers = [
    await get('order_by=first_name&limit=1'),
    await get(`offset=${users}&limit=1`),
    await get(`starting_after=${oldest.id}&limit=1&order_by=created_at`),
    await get(`order_by=first_name&limit=1&created_at_after=${noon + users - 5}`),
  ];
  await drop();

  expect(answers.map(summary)).toEqual([REFUSED, REFUSED, '200', '200']);
});
