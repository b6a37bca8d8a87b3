import { describe, expect, test } from 'vitest';
import { aUniqueWord, aUser, type CreateUserParams, clerk, expectRefusal, unknownId } from './clerk.ts';

/** Creates three users who share a word in their names, oldest first. */
async function threeUsers(params: (position: number) => CreateUserParams = () => ({})) {
  const word = aUniqueWord();
  const ids: string[] = [];
  for (const position of [0, 1, 2]) ids.push(await aUser({ lastName: `X${word.toUpperCase()}x`, ...params(position) }));
  const [oldest = '', middle = '', newest = ''] = ids;
  return { word, oldest, middle, newest };
}

async function listedIds(params: Parameters<typeof clerk.users.getUserList>[0]) {
  const { data, totalCount } = await clerk.users.getUserList(params);
  return { ids: data.map(({ id }) => id), totalCount };
}

describe('listing users', () => {
  test('listing users returns those whose name holds the query, newest first, with their number', async () => {
    const { word, oldest, middle, newest } = await threeUsers();

    await expect(listedIds({ query: word })).resolves.toEqual({ ids: [newest, middle, oldest], totalCount: 3 });
  });

  test('listing users returns them oldest first on request', async () => {
    const { word, oldest, middle, newest } = await threeUsers();

    const { ids } = await listedIds({ query: word, orderBy: '+created_at' });

    expect(ids).toEqual([oldest, middle, newest]);
  });

  test('listing users returns a page, and still the number of all', async () => {
    const { word, middle } = await threeUsers();

    const page = await listedIds({ query: word, limit: 1, offset: 1 });

    expect(page).toEqual({ ids: [middle], totalCount: 3 });
  });

  test('listing users returns ten unless a limit is given', async () => {
    const word = aUniqueWord();
    await Promise.all(Array.from({ length: 11 }, () => aUser({ lastName: word })));

    const { ids, totalCount } = await listedIds({ query: word });

    expect(ids).toHaveLength(10);
    expect(totalCount).toBe(11);
  });

  test('listing users finds users by id, external id and e-mail address', async () => {
    const domain = `${aUniqueWord()}.example`;
    const { word, oldest, newest } = await threeUsers((position) => ({
      externalId: `${domain}#${position}`,
      emailAddress: [`${position}@${domain}`],
    }));
    const found = { ids: [newest, oldest], totalCount: 2 };

    await expect(listedIds({ userId: [oldest, newest, unknownId('user')] })).resolves.toEqual(found);
    await expect(listedIds({ externalId: [`${domain}#0`, `${domain}#2`, word] })).resolves.toEqual(found);
    await expect(listedIds({ emailAddress: [`0@${domain}`, `2@${domain}`, word] })).resolves.toEqual(found);
  });

  test('listing users returns only those who match every filter', async () => {
    const { word, oldest, middle } = await threeUsers();
    const other = await aUser();

    const { ids } = await listedIds({ query: word, userId: [oldest, middle, other], limit: 1 });

    expect(ids).toEqual([middle]);
  });

  test('listing users refuses a filter or an order that this instance does not have', async () => {
    await expectRefusal(clerk.users.getUserList({ organizationId: ['org_1'] }), 422, [
      {
        code: 'form_param_unknown',
        longMessage: 'organization_id is not a parameter here, because this instance has no organizations.',
        meta: { paramName: 'organization_id' },
      },
    ]);
    await expectRefusal(clerk.users.getUserList({ orderBy: '-last_active_at' }), 422, [
      {
        code: 'form_param_value_invalid',
        longMessage:
          'order_by must be one of created_at, updated_at, email_address, phone_number, username, first_name, last_name, alone or behind + or -.',
        meta: { paramName: 'order_by' },
      },
    ]);
  });
});

describe('counting users', () => {
  test('counting users returns how many match', async () => {
    const { word, oldest } = await threeUsers();

    await expect(clerk.users.getCount({ query: word })).resolves.toBe(3);
    await expect(clerk.users.getCount({ query: word, userId: [oldest] })).resolves.toBe(1);
    await expect(clerk.users.getCount({ query: aUniqueWord() })).resolves.toBe(0);
  });

  // Other tests delete users at the same time.
  test('counting users without a filter counts all', { retry: 10 }, async () => {
    const before = await clerk.users.getCount();
    await threeUsers();

    await expect(clerk.users.getCount()).resolves.toBeGreaterThanOrEqual(before + 3);
  });
});

test('a deleted user is on no list', async () => {
  const { word, oldest, middle, newest } = await threeUsers();

  await clerk.users.deleteUser(middle);

  await expect(listedIds({ query: word })).resolves.toEqual({ ids: [newest, oldest], totalCount: 2 });
});
