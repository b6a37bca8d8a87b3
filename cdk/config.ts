import { createHash } from 'node:crypto';
import * as v from 'valibot';
import type { Stage } from './stages.ts';

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
  /** Raised after a restore, so that nothing in the restored tables is live again. */
  readonly generation: number;
  /** How long actor tokens and sessions stay stored past their end. */
  readonly auditRetentionDays: number;
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

function positiveInteger(expected: string) {
  const number = fromText((digits) => (/^\d+$/.test(digits) ? Number(digits) : digits));
  return v.pipe(number, v.number(expected), v.safeInteger(expected), v.minValue(1, expected));
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
      fromText((origins) => origins.split(',').map((origin) => origin.trim())),
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
  cookieDomain: v.optional(
    text(
      (domain) => DOMAIN.test(domain),
      'a domain in lower case without scheme, port or leading dot, such as example.com',
    ),
  ),
  applicationName: v.optional(
    text(
      (name) => name.trim() === name && name.length >= 1 && name.length <= 100,
      'a name of 1 to 100 characters without spaces around it, such as Actor Tokens',
    ),
    'Actor Tokens',
  ),
  generation: v.optional(positiveInteger('a whole number from 1, such as 2'), 1),
  auditRetentionDays: v.optional(positiveInteger('a number of days from 1, such as 400'), 400),
};
const schema = v.object(members);
const names = Object.keys(members);

/** Where the configuration comes from: the `node` of the app. */
export interface Context {
  tryGetContext(key: string): unknown;
}

function given(context: Context): Record<string, unknown> {
  const group = v.safeParse(v.optional(v.record(v.string(), v.unknown()), {}), context.tryGetContext('actorTokens'));
  if (!group.success)
    throw new ConfigError('actorTokens in cdk.json is not an object: write one, such as {"stage": "dev"}.');
  const unknown = Object.keys(group.output).find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new ConfigError(
      `actorTokens in cdk.json has the unknown member ${JSON.stringify(unknown)}: write one of ${names.join(', ')}.`,
    );
  const plain = names.map((name) => [name, context.tryGetContext(name)] as const);
  return { ...group.output, ...Object.fromEntries(plain.filter(([, value]) => value !== undefined)) };
}

/**
 * The configuration of the deployment, checked and complete.
 *
 * @throws ConfigError
 */
export function stackConfig(context: Context): StackConfig {
  const result = v.safeParse(schema, given(context), { abortEarly: true });
  if (!result.success) {
    const [{ path, input, message }] = result.issues;
    throw new ConfigError(`${String(path?.[0].key)} is ${JSON.stringify(input)}: write ${message}.`);
  }
  const { stackName = `actor-tokens-${result.output.stage}`, instanceId, signInUrl, cookieDomain } = result.output;
  return {
    ...result.output,
    stackName,
    instanceId: instanceId ?? derivedInstanceId(stackName),
    allowedOrigins: [...new Set(result.output.allowedOrigins)],
    signInUrl,
    cookieDomain,
  };
}
