import type { Environment } from '../shared/base/instance.ts';
import type { Authority } from '../shared/base/operators.ts';
import { AUTHORITY_FILE } from './bundle/bundle.ts';
import type { Config } from './config/schema.ts';
import type { SigningKey, SigningKeys } from './signing-key.ts';
import type { Tables } from './tables.ts';

interface Parts {
  readonly config: Config;
  readonly frontendApiUrl: string;
  readonly tables: Tables;
  readonly keys: SigningKeys;
  /** Undefined where neither operators nor a policy are configured. */
  readonly authority: Authority | undefined;
}

function keyIds(keys: readonly SigningKey[]): string {
  return keys.map(({ keyId }) => keyId).join(',');
}

/** Returns the environment of every function. A value that is not configured has no variable. */
export function functionEnvironment({ config, frontendApiUrl, tables, keys, authority }: Parts) {
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
    ...(config.appUrl !== undefined && { APP_URL: config.appUrl }),
    ...(config.logoUrl !== undefined && { LOGO_URL: config.logoUrl }),
    ...(config.helpUrl !== undefined && { HELP_URL: config.helpUrl }),
    ...(config.scriptsUrl !== false && { SCRIPTS_URL: config.scriptsUrl }),
    ...(config.cookieDomain !== undefined && { COOKIE_DOMAIN: config.cookieDomain }),
    HANDSHAKE: `${config.handshake}`,
    NATIVE_CLIENTS: `${config.nativeClients}`,
    ...(config.cloudFront && { ORIGIN_SECRET_HASHES: config.cloudFront.originSecretHashes.join(',') }),
    TICKET_KEY_IDS: keyIds(keys.ticket),
    SESSION_KEY_IDS: keyIds(keys.session),
    ACTOR_TOKENS_TABLE: tables.ActorTokens.tableName,
    SESSIONS_TABLE: tables.Sessions.tableName,
    CLIENTS_TABLE: tables.Clients.tableName,
    USERS_TABLE: tables.Users.tableName,
    SECRET_KEYS_TABLE: tables.SecretKeys.tableName,
    BLOCKLIST_TABLE: tables.Blocklist.tableName,
    ...(authority !== undefined && { AUTHORITY_FILE }),
  } satisfies Environment;
}

export type FunctionEnvironment = ReturnType<typeof functionEnvironment>;
