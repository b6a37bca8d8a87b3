import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { limits } from '../shared/base/limits.ts';
import type { Issuer } from '../shared/base/operators.ts';
import type { Context } from './synthesize.ts';

interface LocalContextOptions {
  readonly allowedOrigin: string;
  /** The sign-in page; undefined when the accept link leads to the product's own page. */
  readonly signInUrl?: string | undefined;
  /** The page of the app on which a person lands; undefined for none. */
  readonly appUrl?: string | undefined;
  /** The identity provider whose tokens are accepted; undefined for none. */
  readonly issuer?: Omit<Issuer, 'jwksUri'> | undefined;
}

const cdkJsonSchema = v.object({ context: v.optional(v.record(v.string(), v.unknown()), {}) });

/**
 * Returns the context in which a local run synthesizes the stack, from the content of cdk.json. The app then ignores the values of
 * actor-tokens.json for hosts, people and tables that are not on this machine, and for the longest durations.
 */
export function localContext(
  cdkJson: unknown,
  { allowedOrigin, signInUrl, appUrl, issuer }: LocalContextOptions,
): Context {
  return {
    ...v.parse(cdkJsonSchema, cdkJson).context,
    local: '1',
    stage: 'dev',
    validate: 'false',
    // A deployment has shorter maxima by default. The local run accepts all that any deployment can accept.
    maxTicketLifeInSeconds: limits.ticketLifeInSeconds.max,
    maxSessionDurationInSeconds: limits.sessionMaxDurationInSeconds.max,
    // A deployment allows them only where its configuration says so; here every kind of client can be tried.
    nativeClients: 'true',
    audit: 'on',
    // Nobody is notified by a local run.
    healthCheck: 'false',
    // The sign-in page calls the API too.
    allowedOrigins: [allowedOrigin, ...(signInUrl === undefined ? [] : [new URL(signInUrl).origin])],
    ...(signInUrl !== undefined && { signInUrl }),
    ...(appUrl !== undefined && { appUrl }),
    // Secret keys create actor tokens too, as in a deployment that does not require operators.
    ...(issuer && { operators: { required: false, issuers: [issuer] } }),
  };
}

/** Returns the context in which a local run synthesizes the stack, from this project's cdk.json. */
export async function readLocalContext(options: LocalContextOptions): Promise<Context> {
  return localContext(JSON.parse(await readFile(new URL('../cdk.json', import.meta.url), 'utf8')), options);
}
