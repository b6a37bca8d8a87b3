// What can be configured, each name by itself: its form, its default, and what to write instead of a wrong value.
import * as v from 'valibot';
import { limits } from '../shared/base/limits.ts';
import { tableDefinitions } from './table-definitions.ts';

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

/**
 * As clerk-js takes it: what it asks is appended to it. Written as URLs are normalized, since it is the issuer, and its path
 * that of the cookie.
 */
function isProxyUrl(text: string): boolean {
  if (text.length > LONGEST_URL || !isSafeUrl(text)) return false;
  const { origin, pathname } = new URL(text);
  return text === origin + pathname.replace(/\/$/, '') && /^(?:\/[\w.~-]+)*\/?$/.test(pathname);
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
  const expected =
    'a name of 3 to 255 letters, digits, dots, hyphens or underscores, such as actor-tokens-prod-ActorTokens-g2';
  const name = v.exactOptional(text((value) => /^[\w.-]{3,255}$/.test(value), expected));
  const entries = Object.fromEntries(Object.keys(tableDefinitions).map((table) => [table, name]));
  const tables = Object.keys(tableDefinitions).join(', ');
  return v.strictObject(entries, `an object with members of ${tables}`);
}

/** Of a function's environment, which takes 4 KB in all. */
const LONGEST_ORIGINS = 2048;
const LONGEST_URL = 512;

/** Each message is what to write. */
const members = {
  stage: v.optional(v.picklist(['dev', 'prod'], 'dev or prod'), 'dev'),
  stackName: v.optional(
    text(
      (name) => /^[A-Za-z][A-Za-z0-9-]{0,31}$/.test(name),
      'up to 32 letters, digits and hyphens, beginning with a letter, such as actor-tokens-dev',
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
      (url) => url.length <= LONGEST_URL && isSafeUrl(url),
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
      v.check(
        (origins) => origins.join(',').length <= LONGEST_ORIGINS,
        `origins of ${LONGEST_ORIGINS} characters together, which is what fits beside the rest into the environment of a function`,
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
      "the https URL, in lower case and without port 443, user, query or trailing slash, where your app's reverse proxy leads to the API, such as https://app.example.com/__clerk",
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
  maxTicketLifeInSeconds: v.optional(
    integer(`a number of seconds from 1 to ${limits.ticketLife.max}, such as 3600`, limits.ticketLife),
    limits.ticketLife.max,
  ),
  maxSessionDurationInSeconds: v.optional(
    integer(`a number of seconds from 1 to ${limits.sessionMaxDuration.max}, such as 1800`, limits.sessionMaxDuration),
    limits.sessionMaxDuration.max,
  ),
  revokeConcurrency: v.optional(integer('a number of execution environments from 1 to 100, such as 2', { max: 100 })),
  auditRetentionDays: v.optional(integer('a number of days from 1 to 36500, such as 400', { max: 36_500 }), 400),
  ticketKeys: v.optional(keyNumbers(), [1]),
  sessionKeys: v.optional(keyNumbers(), [1]),
  generation: v.optional(integer('a whole number from 1, such as 2'), 1),
  restoredTables: v.optional(tableNames(), {}),
};
export const configSchema = v.object(members);

/** What is right by itself, with its defaults. */
export type ConfigMembers = v.InferOutput<typeof configSchema>;

/** What can be configured. */
export const configNames: readonly string[] = Object.keys(members);
