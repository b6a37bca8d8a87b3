import { createHash } from 'node:crypto';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { Stage } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { type LambdaName, routes } from '../../functions/routes.ts';
import { project } from '../project.ts';

/** The file beside each bundle that has the operators and the policy. */
export const AUTHORITY_FILE = 'authority.json';

export const lambdaNames: readonly LambdaName[] = [...new Set(routes.map(({ lambda }) => lambda))];

/** The Lambda that seals the record. It has no route: the streams of the tables invoke it. */
export const SEALER = 'seal-audit';

/** The Lambda that asks the public URLs for their health. It has no route: a schedule invokes it. */
export const HEALTH_CHECK = 'check-health';

export type BundleName = LambdaName | typeof SEALER | typeof HEALTH_CHECK;

/** Has a directory for each Lambda with its code. The package comes with them; in this project `buildBundles` writes them. */
export const bundlesDirectory = join(project, 'dist/functions');

/** Copies a bundle into the output of the app and adds the authority to it; returns the directory. */
function withAuthority(scope: Construct, lambda: BundleName, authority: string): string {
  const digest = createHash('sha256').update(authority).digest('hex').slice(0, 16);
  const stage = Stage.of(scope);
  if (!stage) throw new Error('An instance of Actor Tokens must be in an App.');
  const directory = join(stage.assetOutdir, `bundle.${lambda}.${digest}`);
  cpSync(join(bundlesDirectory, lambda), directory, { recursive: true });
  writeFileSync(join(directory, AUTHORITY_FILE), authority);
  return directory;
}

/**
 * Returns the code of a Lambda as it is deployed: `index.js`, which exports `handler`, and its source map.
 *
 * @param authority the operators and the policy as JSON, which become a file beside them; undefined for none
 */
export function bundle(scope: Construct, lambda: BundleName, authority: string | undefined): Code {
  const directory = authority === undefined ? join(bundlesDirectory, lambda) : withAuthority(scope, lambda, authority);
  return Code.fromAsset(directory);
}
