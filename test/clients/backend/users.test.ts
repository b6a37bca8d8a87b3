import { describe, expect, test } from 'vitest';
import { HttpBrowser } from '../../support/http-browser.ts';
import {
  aPendingActorToken,
  aSignedInBrowser,
  aUniqueWord,
  aUser,
  type CreateUserParams,
  clerk,
  expectRefusal,
  NOT_FOUND,
  ticketOf,
  unknownId,
} from './clerk.ts';

const verified = expect.objectContaining({ status: 'verified', strategy: 'admin', attempts: null, expireAt: null });

describe('creating a user', () => {
  test('creating a user keeps every parameter', async () => {
    const name = aUniqueWord();
    const params = {
      externalId: `crm/${name}`,
      username: name,
      firstName: 'Ada',
      lastName: 'Lovelace',
      emailAddress: [`${name}@example.com`, `${name}@example.org`],
      phoneNumber: ['+15555550100'],
      totpSecret: 'JBSWY3DPEHPK3PXP',
      backupCodes: ['12345678'],
      publicMetadata: { planName: 'pro', nested: { camelCase: [1, null] } },
      privateMetadata: { crmId: 1 },
      unsafeMetadata: { theme: 'dark' },
    };

    const user = await clerk.users.createUser(params);

    const [first, second] = user.emailAddresses;
    const [phone] = user.phoneNumbers;
    expect(user).toMatchObject({
      id: expect.stringMatching(/^user_[0-9A-Za-z]{27}$/),
      externalId: params.externalId,
      username: name,
      firstName: 'Ada',
      lastName: 'Lovelace',
      fullName: 'Ada Lovelace',
      primaryEmailAddressId: first?.id,
      primaryPhoneNumberId: phone?.id,
      primaryWeb3WalletId: null,
      passwordEnabled: false,
      totpEnabled: true,
      backupCodeEnabled: true,
      twoFactorEnabled: true,
      banned: false,
      locked: false,
      hasImage: false,
      imageUrl: expect.any(String),
      lastSignInAt: null,
      lastActiveAt: null,
      createOrganizationEnabled: false,
      deleteSelfEnabled: false,
      legalAcceptedAt: null,
      publicMetadata: params.publicMetadata,
      privateMetadata: params.privateMetadata,
      unsafeMetadata: params.unsafeMetadata,
      web3Wallets: [],
      externalAccounts: [],
      enterpriseAccounts: [],
      createdAt: user.updatedAt,
    });
    expect(user.raw).toMatchObject({ mfa_enabled_at: user.createdAt, two_factor_enabled: true });
    const common = { id: expect.stringMatching(/^idn_[0-9A-Za-z]{27}$/), verification: verified, linkedTo: [] };
    expect([first, second].map((each) => ({ ...each }))).toEqual(
      params.emailAddress.map((emailAddress) => ({ ...common, emailAddress })),
    );
    expect({ ...phone }).toEqual({
      ...common,
      phoneNumber: '+15555550100',
      reservedForSecondFactor: false,
      defaultSecondFactor: false,
    });
    expect(user.primaryEmailAddress).toBe(first);
    expect(user.primaryPhoneNumber).toBe(phone);
    await expect(clerk.users.getUser(user.id)).resolves.toEqual(user);
  });

  test('creating a user needs no parameter at all', async () => {
    const user = await clerk.users.createUser({});

    expect(user).toMatchObject({
      externalId: null,
      username: null,
      firstName: null,
      lastName: null,
      fullName: null,
      primaryEmailAddressId: null,
      primaryPhoneNumberId: null,
      emailAddresses: [],
      phoneNumbers: [],
      totpEnabled: false,
      backupCodeEnabled: false,
      twoFactorEnabled: false,
      publicMetadata: {},
      privateMetadata: {},
      unsafeMetadata: {},
    });
  });

  test('creating a user leaves no field undefined that the client promises to be null', async () => {
    const user = await clerk.users.createUser({});

    expect(Object.entries({ ...user }).filter(([, value]) => value === undefined)).toEqual([]);
  });

  test('creating a user is refused for an external id in use, until its user is deleted', async () => {
    const externalId = aUniqueWord();
    const first = await aUser({ externalId });

    await expectRefusal(clerk.users.createUser({ externalId }), 422, [
      {
        code: 'form_identifier_exists',
        longMessage: 'external_id belongs to another user. Please use another value.',
        meta: { paramName: 'external_id' },
      },
    ]);

    await clerk.users.deleteUser(first);
    await expect(clerk.users.createUser({ externalId })).resolves.toMatchObject({ externalId });
  });

  test('creating a user with a password is refused', async () => {
    await expectRefusal(clerk.users.createUser({ firstName: 'Ada', password: 'correct horse' }), 422, [
      {
        code: 'form_param_unknown',
        longMessage: 'password is not a parameter here, because this instance has no passwords.',
        meta: { paramName: 'password' },
      },
    ]);
  });

  test('creating a user names every faulty parameter at once', async () => {
    const faulty = { firstName: 7, emailAddress: 'ada@example.com', publicMetadata: [], totpSecret: 1 };

    await expectRefusal(clerk.users.createUser(faulty as unknown as CreateUserParams), 422, [
      {
        code: 'form_param_value_invalid',
        longMessage: 'first_name must be a string.',
        meta: { paramName: 'first_name' },
      },
      {
        code: 'form_param_value_invalid',
        longMessage: 'email_address must be an array of strings.',
        meta: { paramName: 'email_address' },
      },
      {
        code: 'form_param_value_invalid',
        longMessage: 'totp_secret must be a string.',
        meta: { paramName: 'totp_secret' },
      },
      {
        code: 'form_param_value_invalid',
        longMessage: 'public_metadata must be an object.',
        meta: { paramName: 'public_metadata' },
      },
    ]);
  });
});

describe('changing a user', () => {
  test('changing a user changes what is given, and the rest stays', async () => {
    const name = aUniqueWord();
    const user = await clerk.users.createUser({
      externalId: name,
      firstName: 'Ada',
      lastName: 'Byron',
      emailAddress: [`${name}@example.com`, `${name}@example.org`],
    });
    const [, second] = user.emailAddresses;

    const changed = await clerk.users.updateUser(user.id, {
      externalId: `${name}-2`,
      lastName: 'Lovelace',
      primaryEmailAddressID: second?.id ?? '',
    });

    expect(changed).toMatchObject({
      id: user.id,
      externalId: `${name}-2`,
      firstName: 'Ada',
      lastName: 'Lovelace',
      primaryEmailAddressId: second?.id,
      createdAt: user.createdAt,
    });
    expect(changed.updatedAt).toBeGreaterThan(user.updatedAt);
    await expect(clerk.users.getUser(`${name}-2`)).resolves.toEqual(changed);
    await expect(clerk.users.createUser({ externalId: name })).resolves.toMatchObject({ externalId: name });
  });

  test('metadata is merged at every depth, and null removes', async () => {
    const { id } = await clerk.users.createUser({
      publicMetadata: { plan: 'free', nested: { kept: 1, gone: 2 } },
      privateMetadata: { note: 'x' },
    });

    const changed = await clerk.users.updateUserMetadata(id, {
      publicMetadata: { plan: 'pro', nested: { gone: null, added: [3] } },
    });

    expect(changed.publicMetadata).toEqual({ plan: 'pro', nested: { kept: 1, added: [3] } });
    expect(changed.privateMetadata).toEqual({ note: 'x' });
  });
});

describe('banning a user', () => {
  test('a ban ends the sessions and the pending tokens of a user, and none comes back when it is lifted', async () => {
    const { userId, sessionId, browser } = await aSignedInBrowser();
    const pending = await aPendingActorToken({ userId });

    const banned = await clerk.users.banUser(userId);

    expect(banned).toMatchObject({ id: userId, banned: true });
    await expect(clerk.sessions.getSession(sessionId)).resolves.toMatchObject({ status: 'revoked' });
    expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(401);
    const refused = await new HttpBrowser().redeem(ticketOf(pending));
    expect(refused.status).toBe(403);
    expect(refused.json.errors[0].code).toBe('user_banned');

    const unbanned = await clerk.users.unbanUser(userId);

    expect(unbanned).toEqual(await clerk.users.getUser(userId));
    expect(unbanned).toMatchObject({ id: userId, banned: false });
    expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(401);
    const refusedAfter = await new HttpBrowser().redeem(ticketOf(pending));
    expect(refusedAfter.json.errors[0].code).toBe('actor_token_cannot_be_used_code');
    const next = await aPendingActorToken({ userId });
    expect((await new HttpBrowser().redeem(ticketOf(next))).status).toBe(200);
  });

  test('banning and unbanning a user changes nothing but the ban', async () => {
    const userId = await aUser({ externalId: aUniqueWord(), privateMetadata: { crmId: 1 } });
    const before = await clerk.users.getUser(userId);

    await clerk.users.banUser(userId);
    await clerk.users.banUser(userId);
    const after = await clerk.users.unbanUser(userId);

    expect(after.raw).toEqual({ ...before.raw, updated_at: after.updatedAt });
  });
});

describe('deleting a user', () => {
  test('deleting a user returns the id, ends their sessions and stops pending tokens', async () => {
    const { userId, sessionId, browser } = await aSignedInBrowser();
    const pending = await aPendingActorToken({ userId });

    const deleted = await clerk.users.deleteUser(userId);

    expect(deleted).toMatchObject({ object: 'user', id: userId, deleted: true });
    await expectRefusal(clerk.users.getUser(userId), 404, NOT_FOUND);
    await expect(clerk.sessions.getSession(sessionId)).resolves.toMatchObject({ status: 'revoked' });
    expect((await browser.post(`/v1/client/sessions/${sessionId}/tokens`)).status).toBe(401);
    const refused = await new HttpBrowser().redeem(ticketOf(pending));
    expect(refused.status).toBe(404);
    expect(refused.json.errors[0].code).toBe('actor_token_subject_not_found');
  });
});

test('reading, banning, unbanning and deleting are refused for an unknown user', async () => {
  const id = unknownId('user');

  for (const call of ['getUser', 'updateUser', 'updateUserMetadata', 'banUser', 'unbanUser', 'deleteUser'] as const) {
    await expectRefusal(clerk.users[call](id, {}), 404, NOT_FOUND);
  }
});

test('a text that is no user id is refused like an unknown one', async () => {
  for (const id of ['external_id#1', 'ada@example.com', 'user_ 1', '€']) {
    await expectRefusal(clerk.users.getUser(id), 404, NOT_FOUND);
  }
});
