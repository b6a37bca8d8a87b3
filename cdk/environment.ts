import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { StackConfig } from './config.ts';
import type { SigningKey, SigningKeys } from './signing-key.ts';
import type { Tables } from './tables.ts';

export interface Surroundings {
  readonly api: HttpApi;
  readonly tables: Tables;
  readonly keys: SigningKeys;
}

function ids(keys: readonly SigningKey[]): string {
  return keys.map(({ keyId }) => keyId).join(',');
}

/** The environment every function reads in shared/config.ts. What is not configured is left out. */
export function functionEnvironment(config: StackConfig, { api, tables, keys }: Surroundings): Record<string, string> {
  return {
    INSTANCE_ID: config.instanceId,
    GENERATION: String(config.generation),
    FRONTEND_API_URL: api.apiEndpoint,
    APPLICATION_NAME: config.applicationName,
    AUDIT_RETENTION_DAYS: String(config.auditRetentionDays),
    ...(config.allowedOrigins.length > 0 && { ALLOWED_ORIGINS: config.allowedOrigins.join(',') }),
    ...(config.signInUrl !== undefined && { SIGN_IN_URL: config.signInUrl }),
    ...(config.cookieDomain !== undefined && { COOKIE_DOMAIN: config.cookieDomain }),
    TICKET_KEY_IDS: ids(keys.ticket),
    SESSION_KEY_IDS: ids(keys.session),
    ACTOR_TOKENS_TABLE: tables.ActorTokens.tableName,
    SESSIONS_TABLE: tables.Sessions.tableName,
    CLIENTS_TABLE: tables.Clients.tableName,
    USERS_TABLE: tables.Users.tableName,
    SECRET_KEYS_TABLE: tables.SecretKeys.tableName,
  };
}
