// Every name that a deployment can configure, with its form, its default and what to write instead of a wrong value. The props
// of the construct, the configuration file and `-c name=value` all have these names.
import * as v from 'valibot';
import type { AuditedTable } from '../../shared/audit/audited-tables.ts';
import { limits } from '../../shared/base/limits.ts';
import type { TableName } from '../table-definitions.ts';
import {
  certificate,
  cloudFrontCertificate,
  domain,
  integer,
  isBaseUrl,
  isHelpUrl,
  isOrigin,
  isSafeUrl,
  keyNumbers,
  text,
} from './forms.ts';

/** The environment of a function holds 4 KB in all. */
const MAX_ORIGINS_LENGTH = 2048;
const MAX_URL_LENGTH = 512;
const MAX_SHOWN_URL_LENGTH = 256;

const EMAIL = 'an e-mail address, such as oncall@example.com';
const SCRIPTS_URL =
  'false, or the https URL, in lower case and without query or trailing slash, below which browsers find the scripts of Clerk, such as https://cdn.jsdelivr.net/npm';
const SECRET_HASHES = 'the SHA-256 of the secret in 64 hexadecimal digits, or two of them while the secret is replaced';

const cloudFront = v.strictObject(
  {
    /** The certificate of `domainName`, in us-east-1. */
    certificateArn: cloudFrontCertificate(),
    /** The host at which CloudFront reaches the API. The outer `certificateArn` is its certificate. */
    originDomainName: domain('origin.clerk.example.com'),
    /** The Secrets Manager secret in us-east-1 that CloudFront sends with every request. */
    originSecretName: text(
      (name) => /^[\w/+=.@-]{1,512}$/.test(name),
      'the name of a Secrets Manager secret in us-east-1, such as actor-tokens-prod/origin',
    ),
    /** The SHA-256 of that secret in hexadecimal digits; two of them while it is replaced. */
    originSecretHashes: v.pipe(
      v.array(
        text((hash) => /^[0-9a-f]{64}$/.test(hash), SECRET_HASHES),
        SECRET_HASHES,
      ),
      v.check((hashes) => hashes.length === 1 || hashes.length === 2, SECRET_HASHES),
    ),
    /** The requests that one address may send within five minutes. */
    requestsPerAddress: v.optional(
      integer('the requests that one address may send in five minutes, from 10 to 2000000000', {
        min: 10,
        max: 2_000_000_000,
      }),
      2000,
    ),
  },
  'an object in the configuration file, with certificateArn, originDomainName, originSecretName, originSecretHashes and, if ' +
    'you like, requestsPerAddress',
);

const restoredTable = v.exactOptional(
  text(
    (name) => /^[\w.-]{3,255}$/.test(name),
    'a name of 3 to 255 letters, digits, dots, hyphens or underscores, such as actor-tokens-prod-ActorTokens-g2',
  ),
);

const restoredTables = v.strictObject(
  {
    ActorTokens: restoredTable,
    Sessions: restoredTable,
    Clients: restoredTable,
    Users: restoredTable,
    SecretKeys: restoredTable,
    Blocklist: restoredTable,
  } satisfies Record<TableName, unknown>,
  'an object with the names of restored tables, such as {"Sessions": "actor-tokens-prod-Sessions-g2"}',
);

const restoredStream = v.exactOptional(
  text(
    (arn) => /^arn:[\w-]+:dynamodb:[\w-]+:\d{12}:table\/[\w.-]+\/stream\/[\w:.-]+$/.test(arn),
    'the ARN of the stream of the restored table, as "aws dynamodb describe-table" prints it (LatestStreamArn)',
  ),
);

const restoredStreams = v.strictObject(
  {
    ActorTokens: restoredStream,
    Sessions: restoredStream,
    Blocklist: restoredStream,
    SecretKeys: restoredStream,
  } satisfies Record<AuditedTable, unknown>,
  'an object with the ARNs of the streams of restored tables, such as {"Sessions": "arn:aws:dynamodb:…"}',
);

const allowedOrigins = v.pipe(
  v.array(
    text(
      isOrigin,
      'an exact https origin without path or wildcard, such as https://app.example.com (http for localhost only)',
    ),
    'a list of origins, such as ["https://app.example.com"]',
  ),
  v.check(
    (origins) => origins.join(',').length <= MAX_ORIGINS_LENGTH,
    `origins of at most ${MAX_ORIGINS_LENGTH} characters together, because the environment of a function holds no more`,
  ),
  v.transform((origins) => [...new Set(origins)]),
);

const ISSUERS =
  'a list of one to five identity providers, such as [{"issuer": "https://corp.example.com", "audience": "api://actor-tokens"}]';
const CLAIMS = 'a list of up to 20 names of claims, such as ["groups", "tenant"]';

const claimName = (expected: string) => text((name) => /^[\w:/.-]{1,128}$/.test(name), expected);

/** An identity provider whose tokens are accepted. */
export const issuer = v.strictObject(
  {
    /** The claim `iss` of its tokens, exactly. */
    issuer: text(isSafeUrl, 'the https URL that is the claim iss of its tokens, such as https://corp.example.com'),
    /** The claim `aud` of its tokens, exactly; one of its values, if it is a list. */
    audience: text(
      (audience) => audience.trim() === audience && audience.length >= 1 && audience.length <= 256,
      'the claim aud of its tokens, such as api://actor-tokens',
    ),
    /** The URL of its public keys. Default: `<issuer>/.well-known/jwks.json`. */
    jwksUri: v.exactOptional(text(isSafeUrl, 'the https URL of its keys, such as https://corp.example.com/keys')),
    /** The claim that becomes `actor.sub`. */
    subject: v.optional(claimName('the name of a claim, such as email'), 'sub'),
    /** The claims that a policy may look at and the record keeps. */
    claims: v.optional(v.pipe(v.array(claimName(CLAIMS), CLAIMS), v.maxLength(20, CLAIMS)), []),
  },
  ISSUERS,
);

const operators = v.strictObject(
  {
    /** True if a secret key cannot create actor tokens. */
    required: v.optional(v.boolean('true or false'), false),
    issuers: v.pipe(v.array(issuer, ISSUERS), v.minLength(1, ISSUERS), v.maxLength(5, ISSUERS)),
  },
  'an object in the configuration file, with issuers and, if you like, required',
);

export const entries = {
  /** The name of the stage, such as `dev`, `staging` or `prod`: the default of `stackName` and `protected` depends on it. */
  stage: v.optional(
    text(
      // The default name of the stack, `actor-tokens-<stage>`, has at most 32 characters.
      (name) => /^[a-z][a-z0-9-]{0,18}$/.test(name),
      'up to 19 lower-case letters, digits and hyphens, beginning with a letter, such as dev, staging or prod',
    ),
    'dev',
  ),
  /**
   * True to keep tables, keys and logs when the stack is deleted, and to protect the tables and the stack from deletion; false to delete
   * them with it. Default: false for `dev`, true for every other stage, because what is kept by mistake can still be deleted.
   */
  protected: v.optional(v.boolean('true or false')),
  /**
   * The name of the app's stack, and the beginning of the names of alarms, dashboard, HTTP API, log group and key aliases: two
   * instances in one account and Region need two. Default: `actor-tokens-` and the stage.
   */
  stackName: v.optional(
    text(
      (name) => /^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(name),
      'up to 32 letters, digits and hyphens, beginning with a letter, such as actor-tokens-dev',
    ),
  ),
  /** `ins_…`: a ticket of another instance is refused. Default: derived from `stackName`. */
  instanceId: v.optional(
    text(
      (id) => /^ins_[0-9A-Za-z]{27}$/.test(id),
      'ins_ and 27 letters or digits, or leave it out to have it derived from the name of the stack',
    ),
  ),
  /** The app's sign-in page, to which the button of the accept page leads. */
  signInUrl: v.optional(
    text(
      (url) => url.length <= MAX_URL_LENGTH && isSafeUrl(url),
      "the https URL of your app's sign-in page, such as https://app.example.com/sign-in (http for localhost only)",
    ),
  ),
  /** The page of the app that a person comes to after a link whose address has no `redirect_url`. */
  appUrl: v.optional(
    text(
      (url) => url.length <= MAX_SHOWN_URL_LENGTH && isSafeUrl(url),
      'the https URL of a page of your app, such as https://app.example.com (http for localhost only)',
    ),
  ),
  /** The image beside the name of the app on the page of the link. */
  logoUrl: v.optional(
    text(
      (url) => url.length <= MAX_SHOWN_URL_LENGTH && isSafeUrl(url),
      'the https URL of an image, such as https://app.example.com/logo.svg (http for localhost only)',
    ),
  ),
  /** The address at which people get help or a new link, shown on the page of a link that does not work. */
  helpUrl: v.optional(
    text(
      (url) => url.length <= MAX_SHOWN_URL_LENGTH && isHelpUrl(url),
      'the https URL of a page, or mailto: and an e-mail address, where people get help, such as mailto:support@example.com',
    ),
  ),
  /** The URL to which the API leads Clerk's loaders for its scripts, as `<URL>/@clerk/clerk-js@<version>/…`; `false` for none. */
  scriptsUrl: v.optional(
    v.union(
      [v.literal(false), text((url) => url.length <= MAX_URL_LENGTH && isBaseUrl(url), SCRIPTS_URL)],
      SCRIPTS_URL,
    ),
    'https://cdn.jsdelivr.net/npm',
  ),
  /** Origins whose pages may call the Frontend API, besides its own origin. */
  allowedOrigins: v.optional(allowedOrigins, []),
  /**
   * `Domain` of the `__client_uat` and `__clerk_handshake` cookies. Default: the domain above `domainName`, if an allowed origin is
   * below it and there is no `proxyUrl`.
   */
  cookieDomain: v.optional(domain('example.com')),
  /** Servers of pages may get session tokens by a redirect of the browser to `/v1/client/handshake`. */
  handshake: v.optional(v.boolean('true or false'), true),
  /** Native applications, which have no cookies and no origin, may call the Frontend API. Their session tokens then have no `azp`. */
  nativeClients: v.optional(v.boolean('true or false'), false),
  /** The name of the app on the accept page and in clerk-js. */
  applicationName: v.optional(
    text(
      (name) => name.trim() === name && name.length >= 1 && name.length <= 100,
      'a name of 1 to 100 characters without spaces around it, such as Actor Tokens',
    ),
    'Actor Tokens',
  ),
  /** The host of the API on the app's own site, such as `clerk.example.com`. Default: API Gateway's own host. */
  domainName: v.optional(domain('clerk.example.com')),
  /** The ACM certificate of the API's host, in the Region of the stack. Default: one that is validated in the hosted zone. */
  certificateArn: v.optional(certificate()),
  /** The id of the Route 53 zone in which the records of `domainName` are created; with `hostedZoneName`. */
  hostedZoneId: v.optional(
    text((id) => /^[A-Z0-9]{1,32}$/.test(id), 'the id of a Route 53 hosted zone, such as Z0123456789ABCDEFGHIJ'),
  ),
  /** The name of that zone. */
  hostedZoneName: v.optional(domain('example.com')),
  /** The URL at which the app's own reverse proxy forwards to the API, such as `https://app.example.com/__clerk`. */
  proxyUrl: v.optional(
    text(
      (url) => url.length <= MAX_URL_LENGTH && isBaseUrl(url),
      'the https URL, in lower case and without port 443, user, query or trailing slash, at which the reverse proxy of your app forwards to the API, such as https://app.example.com/__clerk',
    ),
  ),
  /** The identity providers whose tokens create actor tokens in the name of the person or service that they name. */
  operators: v.optional(operators),
  /** `hardened` sets what is not set otherwise: `operators.required`, `policy`, and short tickets and sessions. */
  profile: v.optional(v.picklist(['clerk', 'hardened'], 'clerk or hardened'), 'clerk'),
  /**
   * The path of the policy, a JSON file that says who may become whom. In the configuration file it is relative to that file. Default:
   * every actor may become every user.
   */
  policy: v.optional(
    text((path) => path !== '' && path.length <= 1024, 'the path of a JSON file, such as policies/hardened.json'),
  ),
  /** CloudFront and WAF in front of the API, which then answers requests from CloudFront only. */
  cloudFront: v.optional(cloudFront),
  /** The address to which the alarms are mailed. Default: alarms appear in CloudWatch only. */
  alarmEmail: v.optional(v.pipe(v.string(EMAIL), v.email(EMAIL))),
  /**
   * The stack requests its own public URLs every minute, for the alarm `unreachable`. False if they cannot be reached from the internet, such
   * as a `proxyUrl` within your network.
   */
  healthCheck: v.optional(v.boolean('true or false'), true),
  /**
   * The CloudWatch log group of a CloudTrail trail, in the Region of the stack: alarms for what the account's own people do. Default: no
   * such alarms.
   */
  cloudTrailLogGroup: v.optional(
    text(
      (name) => /^[\w./#-]{1,512}$/.test(name),
      'the name of the CloudWatch log group of your CloudTrail trail, such as aws-cloudtrail-logs',
    ),
  ),
  /** Requests per second that API Gateway lets through to each route. */
  requestsPerSecond: v.optional(integer('a whole number from 1 to 10000, such as 80', { max: 10_000 }), 80),
  /** Burst capacity of the per-route throttle. */
  burst: v.optional(integer('a whole number from 1 to 5000, such as 30', { max: 5000 }), 30),
  /** The account's KMS quota for RSA signatures, which the throttles must keep the instance below. */
  signaturesPerSecond: v.optional(integer("your account's KMS quota for RSA keys, such as 1000"), 1000),
  /** The longest life that an actor token can be created with. */
  maxTicketLifeInSeconds: v.optional(
    integer(
      `a number of seconds from 1 to ${limits.ticketLifeInSeconds.max}, such as 3600`,
      limits.ticketLifeInSeconds,
    ),
    limits.ticketLifeInSeconds.maxByDefault,
  ),
  /** The longest session that an actor token can be created for. */
  maxSessionDurationInSeconds: v.optional(
    integer(
      `a number of seconds from 1 to ${limits.sessionMaxDurationInSeconds.max}, such as 1800`,
      limits.sessionMaxDurationInSeconds,
    ),
    limits.sessionMaxDurationInSeconds.maxByDefault,
  ),
  /** Execution environments reserved for each function that revokes. Default: they share those of the account. */
  revokeConcurrency: v.optional(integer('a number of execution environments from 1 to 100, such as 2', { max: 100 })),
  /** `on` seals the record: every change of it becomes an event in a signed log, and on the bus of EventBridge. */
  audit: v.optional(v.picklist(['on', 'off'], 'on or off'), 'off'),
  /**
   * Object Lock of the log, for `auditRetentionDays`. In the mode `compliance` nobody can delete a seal, not even the account itself;
   * `governance` lets people do it who have a right of its own.
   */
  auditLock: v.optional(v.picklist(['off', 'governance', 'compliance'], 'off, governance or compliance'), 'governance'),
  /** The name of a bucket for the log, such as one in another account. Default: a bucket of the stack, which outlives it. */
  auditBucket: v.optional(
    text(
      (name) => /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name),
      'the name of an S3 bucket, such as corp-log-archive',
    ),
  ),
  /** Numbers of the keys of the log: the first one signs, all verify. */
  auditKeys: v.optional(keyNumbers(), [1]),
  /** The ARNs of the streams of restored tables, without which their changes would not be sealed. */
  restoredStreams: v.optional(restoredStreams, {}),
  /** Days for which actor tokens and sessions stay stored past their end. */
  auditRetentionDays: v.optional(integer('a number of days from 1 to 36500, such as 400', { max: 36_500 }), 400),
  /** Numbers of the keys of actor tokens: the first one signs, all verify. */
  ticketKeys: v.optional(keyNumbers(), [1]),
  /** Numbers of the keys of session tokens: the first one signs, all verify. */
  sessionKeys: v.optional(keyNumbers(), [1]),
  /** Raised after a restore, so that no item of an earlier generation is valid. */
  generation: v.optional(integer('a whole number from 1, such as 2'), 1),
  /** Names of restored tables that the functions use in place of the stack's own. */
  restoredTables: v.optional(restoredTables, {}),
};

export const configSchema = v.strictObject(entries);

type Entries = typeof entries;

/** The names that can be configured. */
export type ConfigName = keyof Entries;

export const configNames = Object.keys(entries) as readonly ConfigName[];

/** The names within the members that are objects. */
export const nestedNames: Readonly<Record<string, readonly string[]>> = {
  cloudFront: Object.keys(cloudFront.entries),
  operators: Object.keys(operators.entries),
  restoredTables: Object.keys(restoredTables.entries),
  restoredStreams: Object.keys(restoredStreams.entries),
};

/** The members of a configuration as they are written. Each keeps the comment of its entry. */
export type ConfigInput = { readonly [Name in ConfigName]?: Readonly<v.InferInput<Entries[Name]>> };

/** The members of a configuration that are correct by themselves, with their defaults. */
export type ConfigMembers = Readonly<v.InferOutput<typeof configSchema>>;

/** A checked configuration: each member with its default, and those that follow from others. */
export type Config = ConfigMembers & {
  readonly protected: boolean;
  readonly stackName: string;
  readonly instanceId: string;
};
