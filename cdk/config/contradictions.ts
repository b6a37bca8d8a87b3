// Values that are correct by themselves and wrong together. Each rule returns the sentence that refuses them.
import { auditedTables } from '../../shared/audit/audited-tables.ts';
import type { Config } from './schema.ts';

type Rule = (config: Config) => string | undefined;

/** Returns whether a host is the domain or below it. */
export function isWithin(host: string, domain: string): boolean {
  return host === domain || host.endsWith(`.${domain}`);
}

/** The host that API Gateway serves. */
function apiHostOf({ domainName, cloudFront }: Config): string | undefined {
  return cloudFront?.originDomainName ?? domainName;
}

const domainNameIsPresent: Rule = ({ domainName, certificateArn, hostedZoneId, hostedZoneName, cloudFront }) => {
  if (domainName !== undefined) return undefined;
  const dependent = Object.entries({ certificateArn, hostedZoneId, hostedZoneName, cloudFront });
  const [name] = dependent.find(([, value]) => value !== undefined) ?? [];
  return name && `${name} needs a domainName: write the host of the API, such as clerk.example.com.`;
};

const hostedZoneIsWhole: Rule = ({ hostedZoneId, hostedZoneName }) =>
  (hostedZoneId === undefined) === (hostedZoneName === undefined)
    ? undefined
    : 'hostedZoneId and hostedZoneName belong together: write both or neither.';

const apiHostHasCertificate: Rule = (config) => {
  const host = apiHostOf(config);
  const hasNone = host !== undefined && config.certificateArn === undefined && config.hostedZoneId === undefined;
  return hasNone
    ? `${host} has no certificate: write a certificateArn, or hostedZoneId and hostedZoneName to have one created.`
    : undefined;
};

const hostedZoneContainsHosts: Rule = (config) => {
  const { hostedZoneName, domainName = '' } = config;
  const hosts = new Set([domainName, apiHostOf(config) ?? '']);
  if (hostedZoneName === undefined || [...hosts].every((host) => isWithin(host, hostedZoneName))) return undefined;
  return `hostedZoneName is ${JSON.stringify(hostedZoneName)}: write the zone of ${[...hosts].join(' and ')}.`;
};

const originHasItsOwnHost: Rule = ({ domainName, cloudFront }) =>
  cloudFront && cloudFront.originDomainName === domainName
    ? `cloudFront.originDomainName is ${JSON.stringify(domainName)}, the same as domainName: write another host, such as ` +
      `origin.${domainName}.`
    : undefined;

const cookieDomainIsAboveHost: Rule = ({ cookieDomain, domainName, proxyUrl }) => {
  const hosts = [...(domainName ? [domainName] : []), ...(proxyUrl ? [new URL(proxyUrl).hostname] : [])];
  if (cookieDomain === undefined || hosts.some((host) => isWithin(host, cookieDomain))) return undefined;
  return (
    `cookieDomain is ${JSON.stringify(cookieDomain)}, which is not above the host of domainName or proxyUrl, so browsers drop ` +
    `the cookies: write such a host, such as clerk.${cookieDomain}, or leave cookieDomain out.`
  );
};

/** The KMS signatures for one request to each of the routes that sign. One of these routes signs twice. */
export const SIGNATURES_PER_ROUND = 9;

/** Even if all routes are flooded at once, the instance stays below the quota of the account. */
const throttlesFitQuota: Rule = ({ requestsPerSecond, burst, signaturesPerSecond }) => {
  const most = Math.floor(signaturesPerSecond / SIGNATURES_PER_ROUND);
  if (requestsPerSecond + burst <= most) return undefined;
  return (
    `requestsPerSecond and burst are ${requestsPerSecond + burst} together: write at most ${most}, because a flood of all ` +
    `routes needs ${SIGNATURES_PER_ROUND} times as many of the ${signaturesPerSecond} KMS signatures a second of your ` +
    'account, or raise signaturesPerSecond together with your quota.'
  );
};

/** The generation at the end of a restored table's name; no configured one is high enough for a name without it. */
function generationOf(restoredTable: string): number {
  return Number(/-g([1-9]\d*)$/.exec(restoredTable)?.[1] ?? Number.POSITIVE_INFINITY);
}

const restoredTablesAreOlder: Rule = ({ restoredTables, generation }) => {
  const generations = Object.values(restoredTables).map(generationOf);
  if (generations.every((each) => each > 1 && each <= generation)) return undefined;
  return (
    'restoredTables names a table that does not end with the generation it was restored for, such as -g2, or ends with one ' +
    `above generation, which is ${generation}: restore it under such a name and raise generation to it, because otherwise the ` +
    'tickets, sessions and secret keys in it are valid again.'
  );
};

/** The name of another stack can begin with that of this one. */
const restoredTablesAreOurs: Rule = ({ restoredTables, stackName }) => {
  const [table, name] =
    Object.entries(restoredTables).find(([each, restored]) => !restored.startsWith(`${stackName}-${each}-`)) ?? [];
  return (
    table &&
    `restoredTables.${table} is ${name}, which does not begin with ${stackName}-${table}-, as the table restored for this stack does: ` +
      'with the table of another stack it accepts the secret keys and sessions of that stack.'
  );
};

/** A page of the app calls the API, so its origin must be allowed. */
const pageIsAllowed =
  (name: 'signInUrl' | 'appUrl'): Rule =>
  ({ [name]: url, allowedOrigins, domainName, proxyUrl }) => {
    if (url === undefined) return undefined;
    const own = [...(domainName ? [`https://${domainName}`] : []), ...(proxyUrl ? [new URL(proxyUrl).origin] : [])];
    if ([...allowedOrigins, ...own].includes(new URL(url).origin)) return undefined;
    return (
      `${name} is ${JSON.stringify(url)}, and allowedOrigins lacks its origin: add it, because the API refuses requests from the ` +
      'pages of any other origin.'
    );
  };

const hardenedHasOperators: Rule = ({ profile, operators }) =>
  profile === 'hardened' && operators === undefined
    ? "profile is hardened, and operators is missing: write operators.issuers with the issuer of your company's identity provider."
    : undefined;

/** A restored table has a stream of its own, and only if somebody switched it on. */
const restoredTablesAreSealed: Rule = ({ audit, restoredTables, restoredStreams }) => {
  if (audit === 'off') return undefined;
  const table = auditedTables.find((name) => restoredTables[name] !== undefined && restoredStreams[name] === undefined);
  if (table === undefined) return undefined;
  return (
    `restoredTables names ${restoredTables[table]}, and restoredStreams has no ${table}, so changes of it would not be sealed: switch ` +
    'its stream on with "aws dynamodb update-table --stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES", and ' +
    'write its LatestStreamArn.'
  );
};

const restoredStreamsAreOfRestoredTables: Rule = ({ restoredTables, restoredStreams }) => {
  const wrong = auditedTables.find((name) => {
    const stream = restoredStreams[name];
    return stream !== undefined && !stream.includes(`:table/${restoredTables[name]}/stream/`);
  });
  return (
    wrong &&
    `restoredStreams.${wrong} is not the stream of the table that restoredTables names: write its LatestStreamArn.`
  );
};

const rules: readonly Rule[] = [
  restoredTablesAreSealed,
  restoredStreamsAreOfRestoredTables,
  hardenedHasOperators,
  domainNameIsPresent,
  hostedZoneIsWhole,
  apiHostHasCertificate,
  hostedZoneContainsHosts,
  originHasItsOwnHost,
  cookieDomainIsAboveHost,
  throttlesFitQuota,
  restoredTablesAreOlder,
  restoredTablesAreOurs,
  pageIsAllowed('signInUrl'),
  pageIsAllowed('appUrl'),
];

/** Returns the sentence of the first rule that the configuration breaks; undefined if it breaks none. */
export function contradictionOf(config: Config): string | undefined {
  return rules.map((rule) => rule(config)).find((sentence) => sentence !== undefined);
}
