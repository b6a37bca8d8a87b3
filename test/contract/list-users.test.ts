import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { noon, SECOND, setClock, startAtNoon } from '../support/clock.ts';
import { aUser } from '../support/given.ts';
import { callBackend } from '../support/http.ts';
import { outcome, summary } from '../support/refusal.ts';
import { itemsWith } from '../support/scan.ts';

startAtNoon();

const nobody = 'user_2Zwn4c4SnN4HHeTb8EK7pe29iof';

function aPhoneNumber(): string {
  return `1${String(Math.random()).slice(2, 15).padEnd(13, '0')}`;
}

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
    const number = aPhoneNumber();
    const ids = [await aUser({ phone_number: [`+${number}`] }), await aUser({ username: mark })];

    const lists = [
      await list(`phone_number=%2B${number}`),
      await list(`username=${mark}`),
      await list(`username=${mark}&username=x`),
      await list(`phone_number=${number}`),
      await list(`username=${mark.slice(1)}`),
      await list(`username=${mark}&phone_number=%2B${number}`),
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

  test('users who share an e-mail address, a phone number or a user name are all found by it', async () => {
    const mark = randomUUID();
    const number = `+${aPhoneNumber()}`;
    const shared = { email_address: [`Shared@${mark}.example`], phone_number: [number], username: mark };
    const ids = [await aUser(shared), await aUser(shared)].sort();

    const lists = [
      await list(`email_address=sHARED@${mark}.example`),
      await list(`phone_number=${encodeURIComponent(number)}`),
      await list(`username=${mark}&email_address=shared@${mark}.example`),
    ];

    expect(lists.map((found) => found.sort())).toEqual([ids, ids, ids]);
  });

  test('a user is found by a new user name and no longer by the one before', async () => {
    const [before, after] = [randomUUID(), randomUUID()];
    const userId = await aUser({ username: before });

    await callBackend('PATCH', `/v1/users/${userId}`, { username: after });

    expect([await list(`username=${before}`), await list(`username=${after}`)]).toEqual([[], [userId]]);
  });

  test('a deleted user leaves nothing behind in the table', async () => {
    const mark = randomUUID();
    const identifiers = { email_address: [`a@${mark}.example`, `b@${mark}.example`], username: mark };
    const userId = await aUser({ external_id: mark, ...identifiers, phone_number: [`+${aPhoneNumber()}`] });
    const itemsOf = async () =>
      (await itemsWith('USERS', {})).filter(({ id, user_id }) => id.includes(userId) || user_id === userId).length;
    const before = await itemsOf();

    await callBackend('DELETE', `/v1/users/${userId}`);

    expect([before, await itemsOf()]).toEqual([6, 0]);
  });

  test('a value that is longer than any identifier is found nowhere', async () => {
    expect(await list(`email_address=${'a'.repeat(3000)}`)).toEqual([]);
  });

  test('times of creation narrow a list on both sides, also behind a cursor', async () => {
    const { mark, ids } = await threeUsers();
    const [newest = '', middle = '', oldest = ''] = ids;
    const between = (after: number, before: number) =>
      `query=${mark}&created_at_after=${noon + after * SECOND}&created_at_before=${noon + before * SECOND}`;

    const lists = [
      await list(between(0, 2)),
      await list(between(-1, 3)),
      await list(between(1, 2)),
      await list(between(2, 1)),
      await list(`${between(-1, 3)}&starting_after=${newest}`),
      await list(`${between(-1, 3)}&starting_after=${oldest}&order_by=created_at`),
      await list(`${between(0, 2)}&starting_after=${oldest}`),
      await list(`${between(0, 2)}&starting_after=${newest}`),
      await list(`${between(0, 2)}&starting_after=${oldest}&order_by=created_at`),
    ];

    expect(lists).toEqual([[middle], ids, [], [], [middle, oldest], [middle, newest], [], [middle], [middle]]);
  });

  test('a list includes ids behind + and excludes ids behind -', async () => {
    const { mark, ids } = await threeUsers();
    const [newest = '', middle = '', oldest = ''] = ids;

    const lists = [
      await list(`query=${mark}&user_id=-${middle}`),
      await list(`query=${mark}&user_id=-${middle}&user_id=-${oldest}`),
      await list(`user_id=%2B${middle}`),
      await list(`user_id=%2B${middle}&user_id=${newest}&user_id=-${newest}`),
      await list(`query=${mark}&external_id=-${mark}-0`),
      await list(`external_id=%2B${mark}-0&external_id=${mark}-1`),
      await list(`query=${mark}&user_id=-${nobody}`),
    ];
    const count = await callBackend('GET', `/v1/users/count?query=${mark}&user_id=-${middle}`);

    expect(lists).toEqual([[newest, oldest], [newest], [middle], [middle], [newest, middle], [middle, oldest], ids]);
    expect(count.json.total_count).toBe(2);
  });

  test('a list finds users by a part of one of their members', async () => {
    const mark = randomUUID();
    const number = aPhoneNumber();
    const ids = [
      await aUser({ first_name: 'Ada', last_name: `L${mark}` }),
      await aUser({ email_address: [`x${mark}@example.com`] }),
      await aUser({ username: `u${mark}` }),
      await aUser({ phone_number: [`+${number}`] }),
    ];

    const lists = [
      await list(`name_query=ADA%20L${mark.toUpperCase()}`),
      await list(`email_address_query=X${mark}`),
      await list(`username_query=${mark}`),
      await list(`phone_number_query=${number.slice(1)}`),
      await list(`name_query=${mark}&username_query=${mark}`),
    ];

    expect(lists).toEqual([[ids[0]], [ids[1]], [ids[2]], [ids[3]], []]);
  });

  test('a list finds banned users, others, and users of a time', async () => {
    const { mark, ids } = await threeUsers();
    await callBackend('POST', `/v1/users/${ids[1]}/ban`);

    const lists = [
      await list(`query=${mark}&banned=true`),
      await list(`query=${mark}&banned=false`),
      await list(`query=${mark}&created_at_after=${noon}`),
      await list(`query=${mark}&created_at_before=${noon + SECOND}`),
      await list(`query=${mark}&created_at_after=${noon}&created_at_before=${noon + 2 * SECOND}`),
    ];

    expect(lists).toEqual([[ids[1]], [ids[0], ids[2]], [ids[0], ids[1]], [ids[2]], [ids[1]]]);
  });

  test('a list is ordered by what is stored, and who lacks it comes last', async () => {
    const mark = randomUUID();
    const [carol, ada, none, bob] = [
      await aUser({ first_name: 'Carol', last_name: mark }),
      await aUser({ first_name: 'ada', last_name: mark }),
      await aUser({ first_name: null, last_name: mark }),
      await aUser({ first_name: 'Bob', last_name: mark }),
    ];
    setClock(noon + SECOND);
    await callBackend('PATCH', `/v1/users/${carol}`, { username: 'carol' });

    const lists = [
      await list(`name_query=${mark}&order_by=first_name`),
      await list(`name_query=${mark}&order_by=-first_name`),
      await list(`name_query=${mark}&order_by=first_name&limit=1&offset=1`),
      await list(`name_query=${mark}&order_by=-updated_at&limit=1`),
      await list(`user_id=${bob}&user_id=${ada}&order_by=%2Bfirst_name`),
    ];

    expect(lists).toEqual([[ada, bob, carol, none], [carol, bob, ada, none], [bob], [carol], [ada, bob]]);
  });

  test('a list continues after a user, in both directions and among named users', async () => {
    const { mark, ids } = await threeUsers();
    const [newest = '', middle = '', oldest = ''] = ids;

    const lists = [
      await list(`query=${mark}&starting_after=${newest}&limit=1`),
      await list(`query=${mark}&starting_after=${middle}`),
      await list(`query=${mark}&starting_after=${oldest}`),
      await list(`query=${mark}&starting_after=${oldest}&order_by=created_at`),
      await list(`${ids.map((id) => `user_id=${id}`).join('&')}&starting_after=${newest}`),
    ];
    const unknown = await callBackend('GET', `/v1/users?starting_after=${nobody}`);

    expect(lists).toEqual([[middle], [oldest], [], [middle, newest], [middle, oldest]]);
    expect(summary(unknown)).toBe('422 form_param_value_invalid starting_after');
  });

  test.each(['user_id', 'external_id', 'email_address', 'phone_number', 'username'])(
    'a list takes at most 100 values of %s',
    async (name) => {
      const queryOf = (count: number) => Array.from({ length: count }, (_, number) => `${name}=${number}`).join('&');

      const answers = [
        await callBackend('GET', `/v1/users?${queryOf(100)}`),
        await callBackend('GET', `/v1/users?${queryOf(101)}`),
        await callBackend('GET', `/v1/users/count?${queryOf(101)}`),
      ];

      const refused = `422 form_param_array_size_exceeded ${name}`;
      expect(answers.map(summary)).toEqual(['200', refused, refused]);
    },
  );

  test('a filter that has no meaning here is refused with the reason', async () => {
    const { json } = await callBackend('GET', '/v1/users?last_sign_in_at_after=1');

    expect(json.errors[0].long_message).toBe(
      'last_sign_in_at_after is not a parameter here, because acting as a user changes nothing in the user.',
    );
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
    ['organization_id=org_1', '422 form_param_unknown organization_id'],
    ['last_sign_in_at_after=1', '422 form_param_unknown last_sign_in_at_after'],
    ['order_by=last_active_at', '422 form_param_value_invalid order_by'],
    ['created_at_after=yesterday', '422 form_param_value_invalid created_at_after'],
    ['starting_after=x&offset=1', '422 form_param_value_invalid offset'],
    ['starting_after=x&order_by=username', '422 form_param_value_invalid order_by'],
    ['user_id%5B%5D=x', '422 form_param_unknown user_id[]'],
    ['banned=yes', '422 form_param_value_invalid banned'],
    ['__clerk_api_version=2025-11-10', '200'],
  ])('listing and counting users with "%s" is answered with %s', async (query, expected) => {
    const answers = [
      await callBackend('GET', `/v1/users?${query}`),
      await callBackend('GET', `/v1/users/count?${query}`),
    ];

    expect(answers.map(summary)).toEqual([expected, expected]);
  });
});
