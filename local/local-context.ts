import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { ConfigMembers } from '../cdk/config-schema.ts';
import type { Context } from './synthesize.ts';

/** Members of the configuration that a local run ignores: hosts, people and tables that are not on this machine. */
const deploymentOnly: readonly (keyof ConfigMembers)[] = [
  'alarmEmail',
  'certificateArn',
  'cloudFront',
  'cookieDomain',
  'domainName',
  'hostedZoneId',
  'hostedZoneName',
  'instanceId',
  'proxyUrl',
  'restoredTables',
  'signInUrl',
  'stackName',
];

interface LocalContextOptions {
  readonly allowedOrigin: string;
  /** The sign-in page; undefined when the accept link leads to the product's own page. */
  readonly signInUrl?: string | undefined;
}

const cdkJsonSchema = v.object({
  context: v.optional(v.looseObject({ actorTokens: v.optional(v.record(v.string(), v.unknown()), {}) }), {}),
});

function withoutDeployment(members: Context): Context {
  const ignored: readonly string[] = deploymentOnly;
  return Object.fromEntries(Object.entries(members).filter(([name]) => !ignored.includes(name)));
}

/** Returns the context in which a local run synthesizes the stack, from the content of cdk.json. */
export function localContext(cdkJson: unknown, { allowedOrigin, signInUrl }: LocalContextOptions): Context {
  const { context } = v.parse(cdkJsonSchema, cdkJson);
  return {
    ...withoutDeployment(context),
    actorTokens: withoutDeployment(context.actorTokens),
    stage: 'dev',
    validate: 'false',
    // The sign-in page calls the API too.
    allowedOrigins: [allowedOrigin, ...(signInUrl === undefined ? [] : [new URL(signInUrl).origin])],
    ...(signInUrl !== undefined && { signInUrl }),
  };
}

/** Returns the context in which a local run synthesizes the stack, from this project's cdk.json. */
export async function readLocalContext(options: LocalContextOptions): Promise<Context> {
  return localContext(JSON.parse(await readFile(new URL('../cdk.json', import.meta.url), 'utf8')), options);
}
