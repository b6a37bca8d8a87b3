import { join } from 'node:path';
import * as v from 'valibot';
import { derivedId } from '../../shared/base/ids.ts';
import { project } from '../project.ts';
import { contradictionOf, isWithin } from './contradictions.ts';
import { ConfigError } from './error.ts';
import { type Config, type ConfigInput, type ConfigMembers, configNames, configSchema, nestedNames } from './schema.ts';
import { unknownNameSentence } from './unknown-name.ts';

/**
 * Returns the domain above the API's host, so that the app's server beside it can read when a browser signed in. It applies only if
 * a page of the app is below it too: `co.uk` above `example.co.uk` does not belong to one owner, and browsers drop a cookie for it.
 */
function defaultCookieDomain({ domainName, proxyUrl, allowedOrigins }: ConfigMembers): string | undefined {
  const [, ...labels] = domainName?.split('.') ?? [];
  const parent = labels.join('.');
  const isOfTheApp = labels.length >= 2 && allowedOrigins.some((origin) => isWithin(new URL(origin).hostname, parent));
  return proxyUrl === undefined && isOfTheApp ? parent : undefined;
}

/** Returns whether an issue is about a name that the schema does not have. */
function isUnknownName({ type, expected }: v.BaseIssue<unknown>): boolean {
  return type === 'strict_object' && expected === 'never';
}

/** Returns the sentence for a name that is unknown or a value that does not have its form. */
function issueSentence(issue: v.BaseIssue<unknown>): string {
  const names = (issue.path ?? []).filter(({ type }) => type === 'object').map(({ key }) => String(key));
  const [outer = '', inner] = names;
  if (!isUnknownName(issue)) {
    const problem = issue.input === undefined ? 'missing' : JSON.stringify(issue.input);
    return `${names.join('.')} is ${problem}: write ${issue.message}.`;
  }
  if (inner === undefined) return unknownNameSentence(outer, configNames);
  return `${outer}: ${unknownNameSentence(inner, nestedNames[outer] ?? [])}`;
}

/** The values of the profile `hardened`. A value of the configuration takes precedence. */
const HARDENED = {
  policy: join(project, 'policies/hardened.json'),
  maxTicketLifeInSeconds: 300,
  maxSessionDurationInSeconds: 900,
  audit: 'on',
  auditLock: 'compliance',
} as const satisfies ConfigInput;

/** Returns the input with what its profile sets. */
function withProfile(input: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (input.profile !== 'hardened') return input;
  const { operators } = input;
  const required = typeof operators === 'object' &&
    operators !== null && { operators: { required: true, ...operators } };
  return { ...HARDENED, ...input, ...required };
}

/**
 * Checks a configuration and completes it.
 *
 * @throws ConfigError for the first value that has a wrong form or contradicts another one
 */
export function parseConfig(input: ConfigInput | Readonly<Record<string, unknown>>): Config {
  const result = v.safeParse(configSchema, withProfile(input));
  // An unknown name is probably the reason why another one is missing.
  if (!result.success) throw new ConfigError(issueSentence(result.issues.find(isUnknownName) ?? result.issues[0]));
  const members = result.output;
  const stackName = members.stackName ?? `actor-tokens-${members.stage}`;
  const config = {
    ...members,
    protected: members.protected ?? members.stage !== 'dev',
    stackName,
    instanceId: members.instanceId ?? derivedId('ins', stackName),
    cookieDomain: members.cookieDomain ?? defaultCookieDomain(members),
  };
  const contradiction = contradictionOf(config);
  if (contradiction !== undefined) throw new ConfigError(contradiction);
  return config;
}
