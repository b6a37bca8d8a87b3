import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { type ConfigMembers, configNames, configSchema } from './config-schema.ts';
import type { KeyName } from './signing-key.ts';
import type { Stage } from './stages.ts';
import type { TableName } from './table-definitions.ts';

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
  readonly maxTicketLifeInSeconds: number;
  /** The longest session an actor token may be created for, in seconds. */
  readonly maxSessionDurationInSeconds: number;
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
  const named = configNames.map((name) => [name, context.tryGetContext(name)] as const);
  const plain = Object.fromEntries(named.filter(([, value]) => value !== undefined));
  const sentence = stageMixUp(group.output, plain);
  if (sentence !== undefined) throw new ConfigError(sentence);
  return { ...group.output, ...plain };
}

/** What belongs to one stack, and would make another stage take its place or its tables. */
const OF_ONE_STACK = ['stackName', 'instanceId', 'restoredTables'];

/** Why `plain` must not go before `group`: deployed over prod, dev would take its protection away. */
function stageMixUp(group: Record<string, unknown>, plain: Record<string, unknown>): string | undefined {
  const { stage = 'dev' } = group;
  const taken = OF_ONE_STACK.find((name) => name in group && !(name in plain));
  if (plain.stage !== undefined && plain.stage !== stage && taken !== undefined)
    return (
      `${taken} in cdk.json is that of the stage ${stage}: with the stage ${plain.stage} it would be used by another ` +
      `stack, so take it out of cdk.json and give it with -c ${taken}=…, or use a cdk.json of its own for each stage.`
    );
  if (plain.stackName !== undefined && plain.stage === undefined)
    return 'stackName is given without a stage: add -c stage=dev or -c stage=prod, the one of that stack.';
  return undefined;
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

/**
 * The domain above the API's host, so that the app's server beside it sees since when a browser is signed in. Only if a page
 * of the app is there too: `co.uk` above `example.co.uk` is not of one owner, and browsers would drop the cookie.
 */
function defaultCookieDomain(members: ConfigMembers): string | undefined {
  const { domainName, proxyUrl, allowedOrigins } = members;
  const [, ...labels] = domainName?.split('.') ?? [];
  const parent = labels.join('.');
  const isOfTheApp = labels.length >= 2 && allowedOrigins.some((origin) => isWithin(new URL(origin).hostname, parent));
  return proxyUrl === undefined && isOfTheApp ? parent : undefined;
}

/** The generation a table was restored for, by the end of its name; none can be high enough without one. */
function generationOf(restoredTable = ''): number {
  return Number(/-g([1-9]\d*)$/.exec(restoredTable)?.[1] ?? Number.POSITIVE_INFINITY);
}

function stackNameOf({ stage, stackName = `actor-tokens-${stage}` }: ConfigMembers): string {
  return stackName;
}

/** Where pages may be whose requests the API takes: the configured ones, and its own. */
function isOnAllowedOrigin(url: string, { allowedOrigins, domainName, proxyUrl }: ConfigMembers): boolean {
  const own = [...(domainName ? [`https://${domainName}`] : []), ...(proxyUrl ? [new URL(proxyUrl).origin] : [])];
  return [...allowedOrigins, ...own].includes(new URL(url).origin);
}

/** What is right by itself and wrong together: the first sentence whose condition does not hold. */
function contradiction(members: ConfigMembers): string | undefined {
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
      Object.values(restoredTables).every((name) => generationOf(name) > 1 && generationOf(name) <= generation),
      'restoredTables names a table that does not end with the generation it was restored for, such as -g2, or with one ' +
        `above generation, which is ${generation}: name it so when you restore it and raise generation to it, or what it holds ` +
        'of tickets, sessions and secret keys would live again.',
    ],
    [
      Object.values(restoredTables).every((name = '') => name.startsWith(`${stackNameOf(members)}-`)),
      `restoredTables names a table that does not begin with ${stackNameOf(members)}-, as those restored for this stack do: on ` +
        'the tables of another stack it would take its secret keys and sessions for its own.',
    ],
    [
      members.signInUrl === undefined || isOnAllowedOrigin(members.signInUrl, members),
      `signInUrl is ${JSON.stringify(members.signInUrl)}, and allowedOrigins lacks its origin: add it, or what the page asks of ` +
        'the API is refused.',
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
  const result = v.safeParse(configSchema, given(context), { abortEarly: true });
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
  const { hostedZoneId, hostedZoneName } = members;
  const stackName = stackNameOf(members);
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
    maxTicketLifeInSeconds: members.maxTicketLifeInSeconds,
    maxSessionDurationInSeconds: members.maxSessionDurationInSeconds,
    revokeConcurrency: members.revokeConcurrency,
    auditRetentionDays: members.auditRetentionDays,
    signingKeys: { ticket: members.ticketKeys, session: members.sessionKeys },
    generation: members.generation,
    restoredTables: members.restoredTables,
  };
}
