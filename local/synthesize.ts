import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { runCdkApp } from './cdk-app.ts';
import { Refusal } from './refusal.ts';
import { type Template, templateSchema } from './template.ts';

const project = fileURLToPath(new URL('..', import.meta.url));

export interface Assembly {
  readonly stackName: string;
  readonly template: Template;
  /** The unpacked asset behind a function's `Code.S3Key`. */
  readonly assetDirectory: (s3Key: string) => string;
}

export interface SynthesisOptions {
  readonly outdir: string;
  readonly allowedOrigin: string;
  /** Undefined for no sign-in page: the accept link then leads to the product's own page. */
  readonly signInUrl: string | undefined;
  readonly signal: AbortSignal;
}

type Context = Readonly<Record<string, unknown>>;

const cdkJsonSchema = v.object({ context: v.optional(v.record(v.string(), v.unknown()), {}) });

/** The context of a local run. The app ignores the values of actor-tokens.json that belong to AWS: hosts, people and tables. */
export function localContext(
  cdkJson: unknown,
  { allowedOrigin, signInUrl }: Pick<SynthesisOptions, 'allowedOrigin' | 'signInUrl'>,
): Context {
  return {
    ...v.parse(cdkJsonSchema, cdkJson).context,
    local: '1',
    stage: 'dev',
    validate: 'false',
    // Wherever the sign-in page is, it has to ask the API.
    allowedOrigins: [allowedOrigin, ...(signInUrl === undefined ? [] : [new URL(signInUrl).origin])],
    ...(signInUrl !== undefined && { signInUrl }),
  };
}

/**
 * Synthesizes the stack into `outdir` as `cdk deploy` would, for this machine; the template's validation, three seconds of
 * `npm test`, is left out.
 * @throws Refusal when the stack does not synthesize, with what the app said.
 */
export async function synthesize({ outdir, signal, ...options }: SynthesisOptions): Promise<void> {
  const cdkJson: unknown = JSON.parse(await readFile(join(project, 'cdk.json'), 'utf8'));
  await runCdkApp({ app: 'cdk/app.ts', outdir, context: localContext(cdkJson, options), signal });
}

const assetsSchema = v.object({
  files: v.record(v.string(), v.object({ source: v.looseObject({ path: v.optional(v.string()) }) })),
});

/** Reads the synthesized stack that has the HTTP API. */
export async function readAssembly(outdir: string): Promise<Assembly> {
  for (const name of await readdir(outdir)) {
    if (!name.endsWith('.template.json')) continue;
    const template = v.parse(templateSchema, JSON.parse(await readFile(join(outdir, name), 'utf8')));
    if (!Object.values(template.Resources).some((resource) => resource.Type === 'AWS::ApiGatewayV2::Api')) continue;
    const stackName = name.slice(0, -'.template.json'.length);
    const manifest = await readFile(join(outdir, `${stackName}.assets.json`), 'utf8');
    const { files } = v.parse(assetsSchema, JSON.parse(manifest));
    const assetDirectory = (s3Key: string) => {
      const path = files[s3Key.replace(/\.zip$/, '')]?.source.path;
      if (path === undefined) throw new Error(`The asset ${s3Key} is not in ${stackName}.assets.json.`);
      return join(outdir, path);
    };
    return { stackName, template, assetDirectory };
  }
  throw new Refusal(`There is no synthesized stack with an HTTP API in ${outdir}.`);
}
