import type { Config } from './config/schema.ts';
import type { SigningKey, SigningKeys } from './signing-key.ts';
import type { Tables } from './tables.ts';
import type { Urls } from './urls.ts';

interface Required {
  readonly INSTANCE_ID: string;
  readonly GENERATION: string;
  readonly FRONTEND_API_URL: string;
  readonly APPLICATION_NAME: string;
  readonly AUDIT_RETENTION_DAYS: string;
  readonly MAX_TICKET_LIFE_IN_SECONDS: string;
  readonly MAX_SESSION_DURATION_IN_SECONDS: string;
  readonly TICKET_KEY_IDS: string;
  readonly SESSION_KEY_IDS: string;
  readonly ACTOR_TOKENS_TABLE: string;
  readonly SESSIONS_TABLE: string;
  readonly CLIENTS_TABLE: string;
  readonly USERS_TABLE: string;
  readonly SECRET_KEYS_TABLE: string;
}

type Optional = 'ALLOWED_ORIGINS' | 'SIGN_IN_URL' | 'COOKIE_DOMAIN' | 'ORIGIN_SECRET_HASHES';

/** The environment variables of every function. */
export type Environment = Required & { readonly [Name in Optional]?: string };

interface Parts {
  readonly config: Config;
  readonly urls: Urls;
  readonly tables: Tables;
  readonly keys: SigningKeys;
}

function keyIds(keys: readonly SigningKey[]): string {
  return keys.map(({ keyId }) => keyId).join(',');
}

/** Returns the environment of every function. A value that is not configured has no variable. */
export function functionEnvironment({ config, urls, tables, keys }: Parts): Environment {
  return {
    INSTANCE_ID: config.instanceId,
    GENERATION: String(config.generation),
    FRONTEND_API_URL: urls.frontendApi,
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
