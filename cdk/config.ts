import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { limits } from '../shared/limits.ts';
import type { KeyName } from './signing-key.ts';
import type { Stage } from './stages.ts';
import { type TableName, tableDefinitions } from './table-definitions.ts';

/** What a deployment can choose, as `actorTokens` in cdk.json or as `-c name=value`, which goes first. */
export interface StackConfig {
  readonly stage: Stage;
  readonly stackName: string;
  /** `ins_…`: a ticket of another instance is refused. */
  readonly instanceId: string;
  /** The app's sign-in page, to which the accept link redirects. */
  readonly signInUrl: string | undefined;
  /** Origins whose pages may call the Frontend API, besides its own. */
  readonly allowedOrigins: readonly string[];
  readonly cookieDomain: string | undefined;
  readonly applicationName: string;

  /** The host of the API on the app's own site, such as `clerk.example.com`. */
  readonly domainName: string | undefined;
  /** The ACM certificate of the API's host, in the Region of the stack; made by DNS validation when there is a hosted zone. */
  readonly certificateArn: string | undefined;
  /** The Route 53 zone in which the host is named. */
  readonly hostedZone: { readonly id: string; readonly name: string } | undefined;
  /** Where the app's own reverse proxy leads to the API, without a trailing slash: `https://app.example.com/__clerk`. */
  readonly proxyUrl: string | undefined;
  readonly cloudFront: CloudFrontConfig | undefined;

  /** Who is told of alarms. */
  readonly alarmEmail: string | undefined;
  /** Of each route by itself. */
  readonly throttle: { readonly requestsPerSecond: number; readonly burst: number };
  /** The longest life an actor token may be created with, in seconds. */
  readonly maxTicketLife: number;
  /** The longest session an actor token may be created for, in seconds. */
  readonly maxSessionDuration: number;
  /** Execution environments kept for each of the two functions that revoke; undefined to share the account's. */
  readonly revokeConcurrency: number | undefined;
  /** How long actor tokens and sessions stay stored past their end. */
  readonly auditRetentionDays: number;

  /** The numbers of the signing keys of a kind: the first signs, all verify. */
  readonly signingKeys: Readonly<Record<KeyName, readonly [number, ...number[]]>>;
  /** Raised after a restore, so that nothing in the restored tables is live again. */
  readonly generation: number;
  /** Names of restored tables that the functions use in place of the stack's own. */
  readonly restoredTables: { readonly [Name in TableName]?: string };
}

/** CloudFront and WAF in front of the API, by which alone it can then be reached. */
export interface CloudFrontConfig {
  /** Of `domainName`, in us-east-1, where CloudFront looks for it. */
  readonly certificateArn: string;
  /** The host by which CloudFront reaches the API; `certificateArn` of the API is its certificate. */
  readonly originDomainName: string;
  /** The Secrets Manager secret in us-east-1 whose text CloudFront proves itself with. */
  readonly originSecretName: string;
  /** SHA-256 of that text, in hex; two while it is replaced. */
  readonly originSecretHashes: readonly string[];
  /** What one address may ask in five minutes. */
  readonly requestsPerAddress: number;
}

/** A configuration that cannot be meant. Its message is one sentence: what is wrong, and what to write instead. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** `ins_` and 27 base62 characters: the same for the same stack name, another for any other. */
export function derivedInstanceId(stackName: string): string {
  let rest = BigInt(`0x${createHash('sha256').update(stackName).digest('hex')}`);
  let id = '';
  while (id.length < 27) {
    id = BASE62.charAt(Number(rest % 62n)) + id;
    rest /= 62n;
  }
  return `ins_${id}`;
}

/** Whether what is sent there is encrypted, or never leaves this machine. */
function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1'].includes(hostname));
}

/** Exactly as a browser would send it in `Origin`. */
function isOrigin(text: string): boolean {
  return isSafeUrl(text) && new URL(text).origin === text && !text.includes('*');
}

/** As clerk-js takes it: what it asks is appended to it. */
function isProxyUrl(text: string): boolean {
  return isSafeUrl(text) && !/[?#]|\/$/.test(text);
}

const SECRET_HASHES = 'the SHA-256 of the secret in 64 hex digits, or two of them while it is replaced';
const EMAIL = 'an e-mail address, such as oncall@example.com';

const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

function text(isRight: (text: string) => boolean, expected: string) {
  return v.pipe(v.string(expected), v.check(isRight, expected));
}

/** `-c` gives every value as text, cdk.json may give it as it is. */
function fromText(parsed: (text: string) => unknown) {
  return v.pipe(
    v.unknown(),
    v.transform((value) => (typeof value === 'string' ? parsed(value) : value)),
  );
}

function integer(expected: string, { min = 1, max = Number.MAX_SAFE_INTEGER } = {}) {
  const number = fromText((digits) => (/^\d+$/.test(digits) ? Number(digits) : digits));
  return v.pipe(
    number,
    v.number(expected),
    v.safeInteger(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  );
}

function list(text: string): readonly string[] {
  return text.split(',').map((entry) => entry.trim());
}

function domain(example: string) {
  const expected = `a domain in lower case without scheme, port or leading dot, such as ${example}`;
  return text((name) => DOMAIN.test(name), expected);
}

/** An ACM certificate, in one Region if that is told. */
function certificate(region = '[a-z0-9-]+') {
  const arn = new RegExp(`^arn:aws[a-z-]*:acm:${region}:\\d{12}:certificate/[\\w-]+$`);
  const where = region === 'us-east-1' ? 'in us-east-1, where CloudFront looks for it' : "in the stack's Region";
  return text((value) => arn.test(value), `the ARN of an ACM certificate ${where}, such as ${EXAMPLE_CERTIFICATE}`);
}

const EXAMPLE_CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/0f1e2d3c-…';

/** The numbers of the keys of a kind, the signing one first. */
function keyNumbers() {
  const expected = 'up to 5 different numbers from 1, the one that signs first, such as [2, 1]';
  return v.pipe(
    fromText((numbers) => list(numbers)),
    v.array(integer(expected), expected),
    v.check((numbers) => numbers.length >= 1 && numbers.length <= 5, expected),
    v.check((numbers) => new Set(numbers).size === numbers.length, expected),
    v.transform(([first = 1, ...others]): readonly [number, ...number[]] => [first, ...others]),
  );
}

function tableNames() {
  const expected = 'a name of 3 to 255 letters, digits, dots, hyphens or underscores, such as ActorTokens-restored';
  const name = v.exactOptional(text((value) => /^[\w.-]{3,255}$/.test(value), expected));
  const entries = Object.fromEntries(Object.keys(tableDefinitions).map((table) => [table, name]));
  const tables = Object.keys(tableDefinitions).join(', ');
  return v.strictObject(entries, `an object with members of ${tables}`);
}

/** Each message is what to write. */
const members = {
  stage: v.optional(v.picklist(['dev', 'prod'], 'dev or prod'), 'dev'),
  stackName: v.optional(
    text(
      (name) => /^[A-Za-z][A-Za-z0-9-]{0,127}$/.test(name),
      'letters, digits and hyphens, beginning with a letter, such as actor-tokens-dev',
    ),
  ),
  instanceId: v.optional(
    text(
      (id) => /^ins_[0-9A-Za-z]{27}$/.test(id),
      'ins_ and 27 letters or digits, or leave it out to have it derived from the name of the stack',
    ),
  ),
  signInUrl: v.optional(
    text(
      isSafeUrl,
      "the https URL of your app's sign-in page, such as https://app.example.com/sign-in (http for localhost only)",
    ),
  ),
  allowedOrigins: v.optional(
    v.pipe(
      fromText(list),
      v.array(
        text(
          isOrigin,
          'an exact https origin without path or wildcard, such as https://app.example.com (http for localhost only)',
        ),
        'a list of origins, such as ["https://app.example.com"]',
      ),
    ),
    [],
  ),
  cookieDomain: v.optional(domain('example.com')),
  applicationName: v.optional(
    text(
      (name) => name.trim() === name && name.length >= 1 && name.length <= 100,
      'a name of 1 to 100 characters without spaces around it, such as Actor Tokens',
    ),
    'Actor Tokens',
  ),
  domainName: v.optional(domain('clerk.example.com')),
  certificateArn: v.optional(certificate()),
  hostedZoneId: v.optional(
    text((id) => /^[A-Z0-9]{1,32}$/.test(id), 'the id of a Route 53 hosted zone, such as Z0123456789ABCDEFGHIJ'),
  ),
  hostedZoneName: v.optional(domain('example.com')),
  proxyUrl: v.optional(
    text(
      isProxyUrl,
      "an https URL without query or trailing slash where your app's reverse proxy leads to the API, such as https://app.example.com/__clerk",
    ),
  ),
  cloudFront: v.optional(
    v.strictObject(
      {
        certificateArn: certificate('us-east-1'),
        originDomainName: domain('origin.clerk.example.com'),
        originSecretName: text(
          (name) => /^[\w/+=.@-]{1,512}$/.test(name),
          'the name of a Secrets Manager secret in us-east-1, such as actor-tokens-prod/origin',
        ),
        originSecretHashes: v.pipe(
          fromText(list),
          v.array(
            text((hash) => /^[0-9a-f]{64}$/.test(hash), SECRET_HASHES),
            SECRET_HASHES,
          ),
          v.check((hashes) => hashes.length === 1 || hashes.length === 2, SECRET_HASHES),
        ),
        requestsPerAddress: v.optional(
          integer('what one address may ask in five minutes, from 10 to 2000000000', { min: 10, max: 2_000_000_000 }),
          2000,
        ),
      },
      'an object in cdk.json with certificateArn, originDomainName, originSecretName and originSecretHashes, and nothing else but requestsPerAddress',
    ),
  ),
  alarmEmail: v.optional(v.pipe(v.string(EMAIL), v.email(EMAIL))),
  requestsPerSecond: v.optional(integer('a whole number from 1 to 10000, such as 80', { max: 10_000 }), 80),
  burst: v.optional(integer('a whole number from 1 to 5000, such as 40', { max: 5000 }), 40),
  signaturesPerSecond: v.optional(integer("your account's KMS quota for RSA keys, such as 1000"), 1000),
  maxTicketLife: v.optional(
    integer(`a number of seconds from 1 to ${limits.ticketLife.max}, such as 3600`, limits.ticketLife),
    limits.ticketLife.max,
  ),
  maxSessionDuration: v.optional(
    integer(`a number of seconds from 1 to ${limits.sessionMaxDuration.max}, such as 1800`, limits.sessionMaxDuration),
    limits.sessionMaxDuration.max,
  ),
  revokeConcurrency: v.optional(integer('a number of execution environments from 1 to 100, such as 2', { max: 100 })),
  auditRetentionDays: v.optional(integer('a number of days from 1, such as 400'), 400),
  ticketKeys: v.optional(keyNumbers(), [1]),
  sessionKeys: v.optional(keyNumbers(), [1]),
  generation: v.optional(integer('a whole number from 1, such as 2'), 1),
  restoredTables: v.optional(tableNames(), {}),
};
const schema = v.object(members);
/** What can be configured. */
export const configNames: readonly string[] = Object.keys(members);

/** Where the configuration comes from: the `node` of the app. */
export interface Context {
  tryGetContext(key: string): unknown;
}

function given(context: Context): Record<string, unknown> {
  const group = v.safeParse(v.optional(v.record(v.string(), v.unknown()), {}), context.tryGetContext('actorTokens'));
  if (!group.success)
    throw new ConfigError('actorTokens in cdk.json is not an object: write one, such as {"stage": "dev"}.');
  const unknown = Object.keys(group.output).find((name) => !configNames.includes(name));
  if (unknown !== undefined)
    throw new ConfigError(
      `actorTokens in cdk.json has the unknown member ${JSON.stringify(unknown)}: write one of ${configNames.join(', ')}.`,
    );
  const plain = configNames.map((name) => [name, context.tryGetContext(name)] as const);
  return { ...group.output, ...Object.fromEntries(plain.filter(([, value]) => value !== undefined)) };
}

/**
 * The KMS signatures that one request of every route that signs can cost: seven routes, one of which signs twice. Even all of
 * them flooded at once must stay below the account's quota; revoking, which signs nothing, keeps its own share.
 */
const SIGNATURES_PER_ROUND = 8;

/** Whether a host is the domain or below it. */
function isWithin(host: string, parent: string): boolean {
  return host === parent || host.endsWith(`.${parent}`);
}

type Members = v.InferOutput<typeof schema>;

/**
 * The domain above the API's host, so that the app's server beside it sees since when a browser is signed in. None for a host
 * of two labels, above which is no domain of one owner.
 */
function defaultCookieDomain({ domainName, proxyUrl }: Members): string | undefined {
  const [, ...parent] = proxyUrl === undefined ? (domainName?.split('.') ?? []) : [];
  return parent.length >= 2 ? parent.join('.') : undefined;
}

/** What is right by itself and wrong together: the first sentence whose condition does not hold. */
function contradiction(members: Members): string | undefined {
  const { domainName, certificateArn, hostedZoneId, hostedZoneName, proxyUrl, cloudFront, cookieDomain } = members;
  const { requestsPerSecond, burst, signaturesPerSecond, restoredTables, generation } = members;
  const hosts = [...(domainName ? [domainName] : []), ...(proxyUrl ? [new URL(proxyUrl).hostname] : [])];
  const apiHost = cloudFront?.originDomainName ?? domainName;
  const needsDomain = Object.entries({ certificateArn, hostedZoneId, hostedZoneName, cloudFront });
  const alone = needsDomain.find(([, value]) => value !== undefined && domainName === undefined)?.[0];
  const mostPerRoute = Math.floor(signaturesPerSecond / SIGNATURES_PER_ROUND);
  const rules: readonly (readonly [holds: boolean, sentence: string])[] = [
    [alone === undefined, `${alone} needs a domainName: write the host of the API, such as clerk.example.com.`],
    [
      (hostedZoneId === undefined) === (hostedZoneName === undefined),
      'hostedZoneId and hostedZoneName belong together: write both or neither.',
    ],
    [
      apiHost === undefined || certificateArn !== undefined || hostedZoneId !== undefined,
      `${apiHost} has no certificate: write a certificateArn, or hostedZoneId and hostedZoneName to have one made.`,
    ],
    [
      hostedZoneName === undefined || [domainName, apiHost].every((host) => isWithin(host ?? '', hostedZoneName)),
      `hostedZoneName is ${JSON.stringify(hostedZoneName)}: write the zone of ${[...new Set([domainName, apiHost])].join(' and ')}.`,
    ],
    [
      cloudFront?.originDomainName !== domainName || domainName === undefined,
      `cloudFront.originDomainName is ${JSON.stringify(domainName)}, as domainName: write another host, such as origin.${domainName}.`,
    ],
    [
      cookieDomain === undefined || hosts.some((host) => isWithin(host, cookieDomain)),
      `cookieDomain is ${JSON.stringify(cookieDomain)}, which is not above the host of domainName or proxyUrl: browsers ` +
        `would drop the cookies, so write such a host, such as clerk.${cookieDomain}, or leave cookieDomain out.`,
    ],
    [
      requestsPerSecond + burst <= mostPerRoute,
      `requestsPerSecond and burst are ${requestsPerSecond + burst} together: write at most ${mostPerRoute}, since ` +
        `${SIGNATURES_PER_ROUND} times that can be asked of the ${signaturesPerSecond} KMS signatures a second of your ` +
        'account, or raise signaturesPerSecond with your quota.',
    ],
    [
      Object.keys(restoredTables).length === 0 || generation > 1,
      'restoredTables needs a generation above that of the restored tables, or what they hold of tickets, sessions and ' +
        'secret keys would live again: write a higher one, such as 2.',
    ],
  ];
  return rules.find(([holds]) => !holds)?.[1];
}

/**
 * The configuration of the deployment, checked and complete.
 *
 * @throws ConfigError
 */
export function stackConfig(context: Context): StackConfig {
  const result = v.safeParse(schema, given(context), { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const names = issue.path?.filter(({ type }) => type === 'object').map(({ key }) => key) ?? [];
    const isUnknown = issue.type === 'strict_object' && issue.expected === 'never';
    const wrong = isUnknown
      ? `${names.slice(0, -1).join('.')} has the unknown member ${JSON.stringify(names.at(-1))}`
      : `${names.join('.')} is ${JSON.stringify(issue.input)}`;
    throw new ConfigError(`${wrong}: write ${issue.message}.`);
  }
  const members = result.output;
  const sentence = contradiction(members);
  if (sentence !== undefined) throw new ConfigError(sentence);
  const { stackName = `actor-tokens-${members.stage}`, hostedZoneId, hostedZoneName } = members;
  return {
    stage: members.stage,
    stackName,
    instanceId: members.instanceId ?? derivedInstanceId(stackName),
    signInUrl: members.signInUrl,
    allowedOrigins: [...new Set(members.allowedOrigins)],
    cookieDomain: members.cookieDomain ?? defaultCookieDomain(members),
    applicationName: members.applicationName,
    domainName: members.domainName,
    certificateArn: members.certificateArn,
    hostedZone: hostedZoneId && hostedZoneName ? { id: hostedZoneId, name: hostedZoneName } : undefined,
    proxyUrl: members.proxyUrl,
    cloudFront: members.cloudFront,
    alarmEmail: members.alarmEmail,
    throttle: { requestsPerSecond: members.requestsPerSecond, burst: members.burst },
    maxTicketLife: members.maxTicketLife,
    maxSessionDuration: members.maxSessionDuration,
    revokeConcurrency: members.revokeConcurrency,
    auditRetentionDays: members.auditRetentionDays,
    signingKeys: { ticket: members.ticketKeys, session: members.sessionKeys },
    generation: members.generation,
    restoredTables: members.restoredTables,
  };
}
