import type { StackConfig } from './config.ts';
import type { SigningKey, SigningKeys } from './signing-key.ts';
import type { Tables } from './tables.ts';

export interface Surroundings {
  /** Where browsers reach the Frontend API. */
  readonly frontendApiUrl: string;
  readonly tables: Tables;
  readonly keys: SigningKeys;
}

/** The first signs, all verify. */
export function keyIds(keys: readonly SigningKey[]): string {
  return keys.map(({ keyId }) => keyId).join(',');
}

/** The environment every function reads in shared/base/config.ts. What is not configured is left out. */
export function functionEnvironment(
  config: StackConfig,
  { frontendApiUrl, tables, keys }: Surroundings,
): Record<string, string> {
  return {
    INSTANCE_ID: config.instanceId,
    GENERATION: String(config.generation),
    FRONTEND_API_URL: frontendApiUrl,
    APPLICATION_NAME: config.applicationName,
    AUDIT_RETENTION_DAYS: String(config.auditRetentionDays),
    MAX_TICKET_LIFE_IN_SECONDS: String(config.maxTicketLifeInSeconds),
    MAX_SESSION_DURATION_IN_SECONDS: String(config.maxSessionDurationInSeconds),
    ...(config.allowedOrigins.length > 0 && { ALLOWED_ORIGINS: config.allowedOrigins.join(',') }),
    ...(config.signInUrl !== undefined && { SIGN_IN_URL: config.signInUrl }),
    ...(config.cookieDomain !== undefined && { COOKIE_DOMAIN: config.cookieDomain }),
    ...(config.cloudFront && { ORIGIN_SECRET_HASHES: config.cloudFront.originSecretHashes.join(',') }),
    TICKET_KEY_IDS: keyIds(keys.ticket),
    SESSION_KEY_IDS: keyIds(keys.session),
    ACTOR_TOKENS_TABLE: tables.ActorTokens.tableName,
    SESSIONS_TABLE: tables.Sessions.tableName,
    CLIENTS_TABLE: tables.Clients.tableName,
    USERS_TABLE: tables.Users.tableName,
    SECRET_KEYS_TABLE: tables.SecretKeys.tableName,
  };
}
