// An operator's own token of the identity provider in place of the secret key, through the unmodified client.
import { randomUUID } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import { aUser, clerkClient } from './clerk.ts';
import { createOwnLink } from './own-link.ts';

const { baseUrl } = inject('stack');

async function operatorToken(body: object): Promise<string> {
  const response = await fetch(`${baseUrl}/__local/operator_token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { token } = (await response.json()) as { token: string };
  return token;
}

describe('an operator', () => {
  test('creates an actor token, and revokes it', async () => {
    const sub = `mia_${randomUUID()}`;
    const clerk = clerkClient({ secretKey: await operatorToken({ sub, claims: { groups: ['support'] } }) });
    const userId = await aUser();

    const created = await clerk.actorTokens.create({
      userId,
      actor: { sub },
      expiresInSeconds: 60,
      sessionMaxDurationInSeconds: 600,
    });

    expect(created).toMatchObject({ status: 'pending', actor: { sub }, url: expect.stringContaining('ticket=') });
    expect(await clerk.actorTokens.revoke(created.id)).toMatchObject({ status: 'revoked' });
  });

  test('gets a link with a reason by the lines in the documents', async () => {
    const sub = `mia_${randomUUID()}`;

    const url = await createOwnLink(await operatorToken({ sub }), baseUrl, await aUser(), sub);

    const page = await fetch(url ?? '', { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain('Case 4711: invoice not visible');
  });

  test('is told what is wrong with the token', async () => {
    const token = await operatorToken({ sub: 'mia', claims: { act: { sub: 'somebody' } } });
    const clerk = clerkClient({ secretKey: token });
    const userId = await aUser();
    const params = { userId, actor: { sub: 'mia' }, expiresInSeconds: 60, sessionMaxDurationInSeconds: 600 };

    await expect(clerk.actorTokens.create(params)).rejects.toMatchObject({
      status: 401,
      errors: [
        {
          code: 'authentication_invalid',
          longMessage: expect.stringContaining('act'),
          meta: { kind: 'operator_token', title: 'chained' },
        },
      ],
    });
  });

  test('lists no users', async () => {
    const clerk = clerkClient({ secretKey: await operatorToken({ sub: 'mia' }) });

    await expect(clerk.users.getUserList()).rejects.toMatchObject({ status: 401 });
  });
});
