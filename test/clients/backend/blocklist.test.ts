import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { clerk } from './clerk.ts';

test('a block is created, listed and lifted', async () => {
  const identifier = `${randomUUID()}@example.com`;

  const created = await clerk.blocklistIdentifiers.createBlocklistIdentifier({ identifier });

  expect(created).toMatchObject({ identifier, identifierType: 'email_address' });
  const { data, totalCount } = await clerk.blocklistIdentifiers.getBlocklistIdentifierList();
  expect(data.map(({ id }) => id)).toContain(created.id);
  expect(totalCount).toBe(data.length);
  const deleted = await clerk.blocklistIdentifiers.deleteBlocklistIdentifier(created.id);
  expect(deleted).toMatchObject({ id: created.id, deleted: true });
});

test('the error of a blocked actor says what refused them', async () => {
  const sub = randomUUID();
  const { id: userId } = await clerk.users.createUser({ firstName: 'Target' });
  await clerk.blocklistIdentifiers.createBlocklistIdentifier({ identifier: sub });

  await expect(
    clerk.actorTokens.create({ userId, actor: { sub }, expiresInSeconds: 60, sessionMaxDurationInSeconds: 60 }),
  ).rejects.toMatchObject({ status: 403, errors: [{ code: 'not_allowed_access', meta: { kind: 'blocked' } }] });
});
