/**
 * One deployed instance of the product, as its configuration describes it. A function reads it from its environment variables once,
 * when it starts; a command creates it from the outputs of a stack. Every operation takes its instance as a parameter, so one process
 * can work on several.
 */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { type Id, isId } from './ids.ts';
import { limits } from './limits.ts';
import type { Authority } from './operators.ts';
import { publishableKeyOf } from './publishable-key.ts';

const text = v.pipe(v.string('is missing'), v.nonEmpty('is missing'));

const url = v.pipe(
  text,
  v.check((value) => URL.canParse(value), 'is not a URL'),
  v.transform((value) => new URL(value)),
);

const positiveInteger = v.pipe(
  text,
  v.transform(Number),
  v.safeInteger('is not a positive integer'),
  v.minValue(1, 'is not a positive integer'),
);

const entries = v.transform((value: string): readonly string[] => value.split(',').filter((entry) => entry !== ''));
const list = v.pipe(v.optional(v.string(), ''), entries);
const requiredList = v.pipe(text, entries);

const sha256List = v.pipe(
  list,
  v.check(
    (hashes) => hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash)),
    'is not a list of SHA-256 in 64 hexadecimal digits',
  ),
);

const flag = (byDefault: 'true' | 'false') =>
  v.pipe(
    v.optional(v.picklist(['true', 'false'], 'is not true or false'), byDefault),
    v.transform((value) => value === 'true'),
  );

/** An empty variable counts as missing. */
const optionalText = v.pipe(
  v.optional(v.string()),
  v.transform((value) => value || undefined),
);

/** The environment variables of every function. The stack sets exactly these. */
export const environmentSchema = v.object(
  {
    INSTANCE_ID: v.pipe(
      text,
      v.check((value) => isId('ins', value), 'is not an instance id'),
      v.transform((value) => value as Id<'ins'>),
    ),
    GENERATION: positiveInteger,
    FRONTEND_API_URL: url,
    APPLICATION_NAME: text,
    AUDIT_RETENTION_DAYS: positiveInteger,
    MAX_TICKET_LIFE_IN_SECONDS: positiveInteger,
    MAX_SESSION_DURATION_IN_SECONDS: positiveInteger,
    ALLOWED_ORIGINS: list,
    SIGN_IN_URL: optionalText,
    APP_URL: optionalText,
    LOGO_URL: optionalText,
    HELP_URL: optionalText,
    SCRIPTS_URL: optionalText,
    COOKIE_DOMAIN: optionalText,
    HANDSHAKE: flag('true'),
    NATIVE_CLIENTS: flag('false'),
    ORIGIN_SECRET_HASHES: sha256List,
    TICKET_KEY_IDS: requiredList,
    SESSION_KEY_IDS: requiredList,
    ACTOR_TOKENS_TABLE: text,
    SESSIONS_TABLE: text,
    CLIENTS_TABLE: text,
    USERS_TABLE: text,
    SECRET_KEYS_TABLE: text,
    BLOCKLIST_TABLE: text,
    AUTHORITY_FILE: optionalText,
    AUDIT_BUCKET: optionalText,
    AUDIT_KEY_IDS: list,
  },
  'is missing',
);

/** The environment as the stack has to set it: one that lacks a required variable does not compile. */
export type Environment = v.InferInput<typeof environmentSchema>;

/** The access of the AWS SDK to the services. In a function it is empty: there the SDK reads its own environment variables. */
interface AwsAccess {
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly endpoints?: {
    readonly dynamodb: string;
    readonly kms: string;
    readonly s3?: string | undefined;
    readonly events?: string | undefined;
  };
}

export interface Instance {
  /** A ticket of another instance is refused. */
  readonly id: Id<'ins'>;
  /** Stored in every item but users and checked in every condition. Raised after a restore, so that no restored item is valid. */
  readonly generation: number;
  /** URL at which browsers reach the Frontend API, without a trailing slash; also the issuer of session tokens. */
  readonly frontendApiUrl: string;
  /** Path prefix of the Frontend API; the `Path` of the client's cookie, so no other path of the origin receives its secret. */
  readonly frontendApiPath: string;
  /**
   * The end of the second name of a cookie, `_` included, which belongs to one publishable key and which `@clerk/backend` prefers.
   * Source of the form: `@clerk/backend`, getCookieSuffix.
   */
  readonly cookieSuffix: string;
  /** Exact origins whose pages may call the Frontend API; its own origin is one of them. */
  readonly allowedOrigins: ReadonlySet<string>;
  /** SHA-256, in hexadecimal, of the secrets by which CloudFront identifies itself; empty without CloudFront. */
  readonly originSecretHashes: readonly string[];
  /** The app's sign-in page, to which the button of the accept page leads; undefined when none is configured. */
  readonly signInUrl: string | undefined;
  /** The page of the app to go to after a sign-in by a link without a `redirect_url`; undefined when none is configured. */
  readonly appUrl: string | undefined;
  /** The image beside the application's name; undefined for none. */
  readonly logoUrl: string | undefined;
  /** The page or the `mailto:` address where people get help and new links; undefined when none is configured. */
  readonly helpUrl: string | undefined;
  /** The URL below which browsers find the scripts of Clerk, without a trailing slash; undefined when the API leads to none. */
  readonly scriptsUrl: string | undefined;
  /** `Domain` of the `__client_uat` and `__clerk_handshake` cookies; undefined makes them host-only. */
  readonly cookieDomain: string | undefined;
  /** True when pages' servers may get session tokens by a handshake. */
  readonly handshake: boolean;
  /** True when native applications may call the Frontend API. Otherwise every session token of a browser names a page. */
  readonly nativeClients: boolean;
  readonly applicationName: string;
  /** Days for which actor tokens and sessions stay stored past their end, as the record of who acted as whom. */
  readonly auditRetentionDays: number;
  /** The longest life an actor token can be created with. */
  readonly maxTicketLifeInSeconds: number;
  /** The longest session an actor token can be created for. */
  readonly maxSessionDurationInSeconds: number;
  /** A session without activity for this long is expired. */
  readonly inactivityInSeconds: number;
  /** KMS key ids: the first signs tickets, all verify them. */
  readonly ticketKeyIds: readonly string[];
  /** KMS key ids: the first signs session tokens, all are published. */
  readonly sessionKeyIds: readonly string[];
  readonly tables: {
    readonly actorTokens: string;
    readonly sessions: string;
    readonly clients: string;
    readonly users: string;
    readonly secretKeys: string;
    readonly blocklist: string;
  };
  /** The log of the record: the bucket of its seals, and its KMS keys, of which the first signs. Undefined where the audit is off. */
  readonly audit: { readonly bucket: string; readonly keyIds: readonly string[] } | undefined;
  /** The operators and the policy. Nothing is configured by default. */
  readonly authority: Authority;
  readonly aws: AwsAccess;
}

function cookieSuffixOf(frontendApiUrl: URL): string {
  return `_${createHash('sha1').update(publishableKeyOf(frontendApiUrl)).digest('base64url').slice(0, 8)}`;
}

/**
 * The instance that these variables describe. Variables of other names are ignored.
 *
 * @throws Error that names the first variable that is missing or wrong
 */
export function instanceFrom(
  variables: Readonly<Record<string, string | undefined>>,
  { aws = {}, authority = {} }: { readonly aws?: AwsAccess; readonly authority?: Authority } = {},
): Instance {
  const result = v.safeParse(environmentSchema, variables, { abortEarly: true });
  if (!result.success) {
    const [{ path, message }] = result.issues;
    throw new Error(`The environment variable ${String(path?.[0].key)} ${message}.`);
  }
  const { output } = result;
  const { FRONTEND_API_URL: frontendApiUrl } = output;
  return {
    id: output.INSTANCE_ID,
    generation: output.GENERATION,
    frontendApiUrl: frontendApiUrl.href.replace(/\/$/, ''),
    frontendApiPath: frontendApiUrl.pathname.replace(/(?<=.)\/$/, ''),
    cookieSuffix: cookieSuffixOf(frontendApiUrl),
    allowedOrigins: new Set([frontendApiUrl.origin, ...output.ALLOWED_ORIGINS]),
    originSecretHashes: output.ORIGIN_SECRET_HASHES,
    signInUrl: output.SIGN_IN_URL,
    appUrl: output.APP_URL,
    logoUrl: output.LOGO_URL,
    helpUrl: output.HELP_URL,
    scriptsUrl: output.SCRIPTS_URL,
    cookieDomain: output.COOKIE_DOMAIN,
    handshake: output.HANDSHAKE,
    nativeClients: output.NATIVE_CLIENTS,
    applicationName: output.APPLICATION_NAME,
    auditRetentionDays: output.AUDIT_RETENTION_DAYS,
    maxTicketLifeInSeconds: output.MAX_TICKET_LIFE_IN_SECONDS,
    maxSessionDurationInSeconds: output.MAX_SESSION_DURATION_IN_SECONDS,
    inactivityInSeconds: limits.inactivityInSeconds,
    ticketKeyIds: output.TICKET_KEY_IDS,
    sessionKeyIds: output.SESSION_KEY_IDS,
    tables: {
      actorTokens: output.ACTOR_TOKENS_TABLE,
      sessions: output.SESSIONS_TABLE,
      clients: output.CLIENTS_TABLE,
      users: output.USERS_TABLE,
      secretKeys: output.SECRET_KEYS_TABLE,
      blocklist: output.BLOCKLIST_TABLE,
    },
    audit:
      output.AUDIT_BUCKET === undefined ? undefined : { bucket: output.AUDIT_BUCKET, keyIds: output.AUDIT_KEY_IDS },
    authority,
    aws,
  };
}

/** Returns a function that creates a value once for each instance, on first use, such as a client of the AWS SDK. */
export function perInstance<Value>(create: (instance: Instance) => Value): (instance: Instance) => Value {
  const values = new WeakMap<Instance, { readonly value: Value }>();
  return (instance) => {
    const existing = values.get(instance);
    if (existing) return existing.value;
    const value = create(instance);
    values.set(instance, { value });
    return value;
  };
}
