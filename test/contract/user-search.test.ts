// What one list or count of users reads at most, on a table of its own.
import { BatchWriteItemCommand, DeleteTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { expect, inject, onTestFinished, test } from 'vitest';
import { newId } from '../../shared/base/ids.ts';
import { limits } from '../../shared/base/limits.ts';
import { epochMs } from '../../shared/base/time.ts';
import { usersByCreation } from '../../shared/users/read-users.ts';
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
  onTestFinished(async () => {
    await engine.send(new DeleteTableCommand({ TableName }));
  });
  await storeUsers(TableName, count, fillerBytes);
  const instance = testInstance(variables);
  return { instance, api: startApi(instance) };
}

const REFUSED = '422 form_param_value_invalid';

test('a list that would read more than 50 MB of users is refused, and a narrower one is not', async () => {
  const { megabytes } = limits.userSearch;
  // A page ends with the item that reaches 1 MB: each has three of these.
  const { api } = await aTable('wide', 3 * megabytes + 1, 350_000);
  const get = (query: string) => api.callBackend('GET', `/v1/users?${query}`);

  const answers = [
    await get('query=grace'),
    await get(`query=grace&created_at_after=${noon + 3 * (megabytes - 1)}`),
    await get('query=ada&limit=1'),
  ];

  expect(answers.map(summary)).toEqual([REFUSED, '200', '200']);
  expect(answers[0]?.json.errors[0].long_message).toBe(
    'This request would read more than 50 MB of users, or sort or skip more than 10000. ' +
      'Find users by user_id, external_id, email_address, phone_number or username, ' +
      'narrow the search with created_at_after and created_at_before, or page with starting_after.',
  );
});

test('a walk through the users reads as many megabytes as it may, and no more', async () => {
  const { instance } = await aTable('small', 4, 350_000);
  const read = async (megabytes: number) => {
    let users = 0;
    for await (const _ of usersByCreation(instance, { oldestFirst: true, megabytes })) users += 1;
    return users;
  };

  const outcomes = await Promise.allSettled([read(1), read(2)]);

  expect(outcomes).toMatchObject([
    { status: 'rejected', reason: { code: 'form_param_value_invalid' } },
    { status: 'fulfilled', value: 4 },
  ]);
});

test('a list that would sort or skip more than 10,000 users is refused, and a page behind a cursor is not', async () => {
  const { users } = limits.userSearch;
  const { api } = await aTable('long', users + 1, 0);
  const get = (query: string) => api.callBackend('GET', `/v1/users?${query}`);
  const [oldest] = (await get('order_by=created_at&limit=1')).json;

  const answers = [
    await get('order_by=first_name&limit=1'),
    await get(`offset=${users}&limit=1`),
    await get(`starting_after=${oldest.id}&limit=1&order_by=created_at`),
    await get(`order_by=first_name&limit=1&created_at_after=${noon + users - 5}`),
    await get(`order_by=first_name&limit=1&created_at_after=${noon}`),
    await get(`order_by=first_name&limit=1&created_at_after=${noon + 1}`),
  ];

  // The time that ends a search is read with it.
  expect(answers.map(summary)).toEqual([REFUSED, REFUSED, '200', '200', REFUSED, '200']);
}, 60_000);
