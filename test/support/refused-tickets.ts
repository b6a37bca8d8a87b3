// Tickets that sign nobody in, each for a reason of its own, and what the accept page answers to them.
import type { ErrorCode } from '../../shared/base/errors.ts';
import { Browser } from './browser.ts';
import { noon, SECOND, setClock } from './clock.ts';
import { aPendingActorToken } from './given.ts';
import { callBackend } from './http.ts';
import { changeItem } from './stored.ts';

interface RefusedTicket {
  /** The fault of the ticket, such as `was used`. */
  readonly what: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly heading: string;
  /** Returns such a ticket. The test starts at noon. */
  readonly given: () => Promise<string>;
}

const damaged = { status: 400, code: 'ticket_invalid_code', heading: 'This link is damaged' } as const;

export const refusedTickets: readonly RefusedTicket[] = [
  {
    what: 'was used',
    status: 400,
    code: 'actor_token_already_used_code',
    heading: 'This link has been used',
    given: async () => {
      const { ticket } = await aPendingActorToken();
      await new Browser().redeem(ticket);
      return ticket;
    },
  },
  {
    what: 'was revoked',
    status: 400,
    code: 'actor_token_revoked_code',
    heading: 'This link has been revoked',
    given: async () => {
      const { ticket, id } = await aPendingActorToken();
      await callBackend('POST', `/v1/actor_tokens/${id}/revoke`);
      return ticket;
    },
  },
  {
    what: 'has expired',
    status: 400,
    code: 'ticket_expired_code',
    heading: 'This link has expired',
    given: async () => {
      const { ticket } = await aPendingActorToken({ expires_in_seconds: 60 });
      setClock(noon + 60 * SECOND);
      return ticket;
    },
  },
  {
    what: 'has expired by its record alone',
    ...damaged,
    given: async () => {
      const { ticket, id } = await aPendingActorToken();
      await changeItem('ACTOR_TOKENS', { id }, { expire_at: noon });
      return ticket;
    },
  },
  { what: 'is damaged', ...damaged, given: async () => (await aPendingActorToken()).ticket.slice(0, -1) },
  { what: 'is missing', ...damaged, heading: 'Open the link again', given: async () => '' },
  {
    what: 'is of a deleted user',
    status: 404,
    code: 'actor_token_subject_not_found',
    heading: 'This account no longer exists',
    given: async () => {
      const { ticket, userId } = await aPendingActorToken();
      await callBackend('DELETE', `/v1/users/${userId}`);
      return ticket;
    },
  },
  {
    what: 'is of a banned user',
    status: 403,
    code: 'user_banned',
    heading: 'This account is banned',
    given: async () => {
      const { ticket, userId } = await aPendingActorToken();
      await callBackend('POST', `/v1/users/${userId}/ban`);
      return ticket;
    },
  },
  {
    what: 'is from before a ban that was lifted',
    status: 400,
    code: 'actor_token_cannot_be_used_code',
    heading: 'This link no longer works',
    given: async () => {
      const { ticket, userId } = await aPendingActorToken();
      setClock(noon + SECOND);
      await callBackend('POST', `/v1/users/${userId}/ban`);
      await callBackend('POST', `/v1/users/${userId}/unban`);
      return ticket;
    },
  },
];
