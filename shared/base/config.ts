/**
 * The deployment's configuration, as the stack hands it to every function in environment variables. Read and checked once,
 * when the function starts: a function with a missing or wrong value does not start.
 */
import { createHash } from 'node:crypto';
import { publishableKeyOf } from './publishable-key.ts';

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`The environment variable ${name} is missing.`);
  return value;
}

function list(name: string): readonly string[] {
  return (process.env[name] ?? '').split(',').filter((entry) => entry !== '');
}

function url(name: string): URL {
  const value = required(name);
  if (!URL.canParse(value)) throw new Error(`The environment variable ${name} is not a URL: ${value}`);
  return new URL(value);
}

function positiveInteger(name: string): number {
  const value = Number(required(name));
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`The environment variable ${name} is not a positive integer.`);
  return value;
}

function sha256List(name: string): readonly string[] {
  const hashes = list(name);
  const isRight = hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash));
  if (!isRight) throw new Error(`The environment variable ${name} is not a list of SHA-256 in 64 hex digits.`);
  return hashes;
}

const frontendApiUrl = url('FRONTEND_API_URL');
const frontendApiBase = frontendApiUrl.href.replace(/\/$/, '');

export const config = {
  /** `ins_…`: this deployment. A ticket of another instance is refused. */
  instanceId: required('INSTANCE_ID'),
  /** Written into every stored item but users and checked in every condition: raised after a restore, it revives nothing. */
  generation: positiveInteger('GENERATION'),
  /** Where browsers reach the Frontend API, without a trailing slash; never taken from a request's Host header. */
  frontendApiUrl: frontendApiBase,
  /** `iss` of session tokens, below which verifiers discover the keys: with its path, where the app's reverse proxy has one. */
  issuer: frontendApiBase,
  /** Below it browsers find the Frontend API: on the app's own origin nothing else of the app is sent the client's secret. */
  frontendApiPath: frontendApiUrl.pathname.replace(/(?<=.)\/$/, ''),
  /** Ends the names of cookies that belong to one publishable key, as `@clerk/backend` reckons it. */
  cookieSuffix: createHash('sha1').update(publishableKeyOf(frontendApiUrl)).digest('base64url').slice(0, 8),
  /** Exact origins whose pages may call the Frontend API; its own origin is one of them. */
  allowedOrigins: new Set([frontendApiUrl.origin, ...list('ALLOWED_ORIGINS')]),
  /** SHA-256, in hex, of what proves that a request came through CloudFront; empty when there is none in front. */
  originSecretHashes: sha256List('ORIGIN_SECRET_HASHES'),
  /** The app's sign-in page, to which the accept link redirects; undefined when none is configured. */
  signInUrl: process.env.SIGN_IN_URL || undefined,
  /** `Domain` of the `__client_uat` cookies; undefined makes them host-only. */
  cookieDomain: process.env.COOKIE_DOMAIN || undefined,
  applicationName: process.env.APPLICATION_NAME || 'Actor Tokens',
  /** How long actor tokens and sessions stay stored past their end, as the record of who acted as whom. */
  auditRetentionDays: positiveInteger('AUDIT_RETENTION_DAYS'),
  /** The most this deployment lets an actor token be created with, in seconds. */
  maxTicketLife: positiveInteger('MAX_TICKET_LIFE_IN_SECONDS'),
  maxSessionDuration: positiveInteger('MAX_SESSION_DURATION_IN_SECONDS'),
  /** KMS key ids: the first signs, all verify. */
  ticketKeyIds: list('TICKET_KEY_IDS'),
  sessionKeyIds: list('SESSION_KEY_IDS'),
  tables: {
    actorTokens: required('ACTOR_TOKENS_TABLE'),
    sessions: required('SESSIONS_TABLE'),
    clients: required('CLIENTS_TABLE'),
    users: required('USERS_TABLE'),
    secretKeys: required('SECRET_KEYS_TABLE'),
  },
} as const;
