// The transaction of a redemption refuses everything that the checks before it refuse, because its conditions compare the table
// with the presented ticket and cookie. In this file the checks before it accept everything.
import { expect, test, vi } from 'vitest';
import type { ActorToken } from '../../shared/actor-tokens/actor-token.ts';
import { Browser } from '../support/browser.ts';
import { aPendingActorToken, aSignedInBrowser } from '../support/given.ts';
import { expectInvariants } from '../support/invariants.ts';
import { summary } from '../support/refusal.ts';
import { storedItem } from '../support/stored.ts';
import { decoded, signedJwt } from '../support/tickets.ts';

vi.mock(import('../../shared/actor-tokens/presentation.ts'), async (importOriginal) => ({
  ...(await importOriginal()),
  isRedeemable: (token): token is ActorToken => token !== undefined,
}));
vi.mock(import('../../shared/clients/client.ts'), async (importOriginal) => ({
  ...(await importOriginal()),
  hasCurrentSecret: () => true,
}));

test('the transaction alone refuses a ticket that is not the one that was issued, though rightly signed', async () => {
  const { id, ticket } = await aPendingActorToken();
  const other = signedJwt({ ...decoded(ticket).payload, eis: 7200 });

  const answer = await new Browser().redeem(other);

  expect(summary(answer)).toBe('400 ticket_invalid_code');
  expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending' });
  await expectInvariants([id]);
});

test('the transaction alone refuses a cookie that an earlier sign-in replaced', async () => {
  const before = await aSignedInBrowser();
  const tab = before.browser.clone();
  const current = await aSignedInBrowser({}, before.browser);
  const { id, ticket } = await aPendingActorToken();

  const answer = await tab.redeem(ticket);

  expect(summary(answer)).toBe('401 authentication_invalid');
  expect(await storedItem('ACTOR_TOKENS', { id })).toMatchObject({ status: 'pending' });
  await expectInvariants([before.actorTokenId, current.actorTokenId, id]);
});
