import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { noon, SECOND, setClock, startAtNoon } from '../support/clock.ts';
import { aUser } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { outcome, summary } from '../support/refusal.ts';

startAtNoon();

const nobody = 'user_2Zwn4c4SnN4HHeTb8EK7pe29iof';

describe('listing users', () => {
  async function threeUsers() {
    const mark = randomUUID();
    const ids = [];
    for (const at of [0, 1, 2]) {
      setClock(noon + at * SECOND);
      ids.push(
        await aUser({
          external_id: `${mark}-${at}`,
          last_name: `Last-${mark}`,
          email_address: [`${at}@${mark}.example`],
        }),
      );
    }
    return { mark, ids: ids.reverse() };
  }
  const list = async (query: string) =>
    (await callBackend('GET', `/v1/users?${query}`)).json.map(({ id }: { id: string }) => id);

  test('a list of users is a bare array of whole users, newest first', async () => {
    const { mark, ids } = await threeUsers();

    const { status, json } = await callBackend('GET', `/v1/users?query=${mark}`);

    expect(status).toBe(200);
    expect(json.map(({ id }: { id: string }) => id)).toEqual(ids);
    expect(json[0]).toEqual((await callBackend('GET', `/v1/users/${ids[0]}`)).json);
  });

  test('a list of users can be reversed and paged', async () => {
    const { mark, ids } = await threeUsers();

    const lists = [
      await list(`query=${mark}&order_by=-created_at`),
      await list(`query=${mark}&order_by=created_at`),
      await list(`query=${mark}&order_by=%2Bcreated_at`),
      await list(`query=${mark}&limit=1`),
      await list(`query=${mark}&limit=1&offset=1`),
      await list(`query=${mark}&offset=3`),
    ];

    const turned = ids.toReversed();
    expect(lists).toEqual([ids, turned, turned, ids.slice(0, 1), ids.slice(1, 2), []]);
  });

  test('a list finds users by exact phone number and user name', async () => {
    const mark = randomUUID();
    const ids = [await aUser({ phone_number: [`+${mark}`] }), await aUser({ username: mark })];

    const lists = [
      await list(`phone_number=%2B${mark}`),
      await list(`username=${mark}`),
      await list(`username=${mark}&username=x`),
      await list(`phone_number=${mark}`),
      await list(`username=${mark.slice(1)}`),
      await list(`username=${mark}&phone_number=%2B${mark}`),
    ];

    expect(lists).toEqual([[ids[0]], [ids[1]], [ids[1]], [], [], []]);
  });

  test('a list finds users by one or several ids, external ids and e-mail addresses', async () => {
    const { mark, ids } = await threeUsers();
    const [newest = '', middle = '', oldest = ''] = ids;

    const lists = [
      await list(`user_id=${middle}`),
      await list(`user_id=${oldest}&user_id=${newest}&user_id=${nobody}&user_id=x&user_id=${newest}`),
      await list(`external_id=${mark}-0`),
      await list(`external_id=${mark}-0&external_id=${mark}-2&external_id=nobody`),
      await list(`email_address=1@${mark}.example`),
      await list(`email_address=1@${mark}.example&email_address=2@${mark}.example`),
      await list(`user_id=${newest}&external_id=${mark}-0`),
      await list(`user_id=${newest}&query=${mark}`),
    ];

    expect(lists).toEqual([
      [middle],
      [newest, oldest],
      [oldest],
      [newest, oldest],
      [middle],
      [newest, middle],
      [],
      [newest],
    ]);
  });

  test('a query searches ids and names without regard to case', async () => {
    const { mark, ids } = await threeUsers();

    const lists = [
      await list(`query=LAST-${mark.toUpperCase()}`),
      await list(`query=${ids[1]}`),
      await list(`query=1@${mark}`),
    ];

    expect(lists).toEqual([ids, [ids[1]], [ids[1]]]);
  });

  test('a list finds neither the guards of external ids nor deleted users', async () => {
    const { mark, ids } = await threeUsers();
    await callBackend('DELETE', `/v1/users/${ids[0]}`);

    const found = [await list(`query=${mark}`), await list(`external_id=${mark}-2`), await list(`user_id=${ids[0]}`)];

    expect(found).toEqual([ids.slice(1), [], []]);
  });

  test('a count ignores the page', async () => {
    const { mark } = await threeUsers();

    const answers = [
      await callBackend('GET', `/v1/users/count?query=${mark}`),
      await callBackend('GET', `/v1/users/count?query=${mark}&limit=1&offset=2`),
      await callBackend('GET', `/v1/users/count?external_id=${mark}-0`),
      await callBackend('GET', '/v1/users/count?external_id=nobody'),
    ];

    expect(answers.map(outcome)).toEqual(
      [3, 3, 1, 0].map((total_count) => ({ status: 200, json: { object: 'total_count', total_count } })),
    );
  });

  test.each([
    ['limit=0', '422 form_param_value_invalid limit'],
    ['limit=501', '422 form_param_value_too_large limit'],
    ['limit=1&limit=2', '422 form_param_duplicate limit'],
    ['offset=-1', '422 form_param_value_invalid offset'],
    ['order_by=name', '422 form_param_value_invalid order_by'],
    ['order_by=-created_at&order_by=created_at', '422 form_param_duplicate order_by'],
    ['last_name=x', '422 form_param_unknown last_name'],
    ['user_id%5B%5D=x', '422 form_param_unknown user_id[]'],
    ['banned=true', '422 form_param_unknown banned'],
    ['__clerk_api_version=2025-11-10', '200'],
  ])('listing and counting users with "%s" is answered with %s', async (query, expected) => {
    const answers = [
      await callBackend('GET', `/v1/users?${query}`),
      await callBackend('GET', `/v1/users/count?${query}`),
    ];

    expect(answers.map(summary)).toEqual([expected, expected]);
  });
});
