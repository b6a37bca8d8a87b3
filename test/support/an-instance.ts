import { type Instance, instanceFrom } from '../../shared/base/instance.ts';
import type { Authority } from '../../shared/base/operators.ts';

/** The variables of a function, valid and without a table behind them. */
export const someEnvironment = {
  INSTANCE_ID: `ins_${'0'.repeat(27)}`,
  GENERATION: '1',
  FRONTEND_API_URL: 'https://clerk.example.com',
  APPLICATION_NAME: 'Actor Tokens',
  AUDIT_RETENTION_DAYS: '400',
  MAX_TICKET_LIFE_IN_SECONDS: '2592000',
  MAX_SESSION_DURATION_IN_SECONDS: '86400',
  TICKET_KEY_IDS: 'ticket-key',
  SESSION_KEY_IDS: 'session-key',
  ACTOR_TOKENS_TABLE: 'ActorTokens',
  SESSIONS_TABLE: 'Sessions',
  CLIENTS_TABLE: 'Clients',
  USERS_TABLE: 'Users',
  SECRET_KEYS_TABLE: 'SecretKeys',
  BLOCKLIST_TABLE: 'Blocklist',
} as const;

/** An instance for pure rules. */
export function anInstance(variables: Readonly<Record<string, string>> = {}, authority: Authority = {}): Instance {
  return instanceFrom({ ...someEnvironment, ...variables }, { authority });
}
