import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { StartError } from './start-error.ts';
import { type Template, templateSchema } from './template/template.ts';

/** A synthesized stack. */
export interface Assembly {
  readonly stackName: string;
  readonly template: Template;
  /** Returns the folder of the unpacked asset that a function's `Code.S3Key` names. */
  readonly assetDirectory: (s3Key: string) => string;
}

const assetsSchema = v.object({
  files: v.record(v.string(), v.object({ source: v.looseObject({ path: v.optional(v.string()) }) })),
});

const TEMPLATE = '.template.json';

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}

async function assetDirectoryIn(outdir: string, stackName: string): Promise<Assembly['assetDirectory']> {
  const { files } = v.parse(assetsSchema, await readJson(join(outdir, `${stackName}.assets.json`)));
  return (s3Key) => {
    const path = files[s3Key.replace(/\.zip$/, '')]?.source.path;
    if (path === undefined) throw new Error(`The asset ${s3Key} is not in ${stackName}.assets.json.`);
    return join(outdir, path);
  };
}

/**
 * Reads the stack with an HTTP API from the folder into which a CDK app was synthesized.
 *
 * @throws StartError when no stack there has an HTTP API
 */
export async function readAssembly(outdir: string): Promise<Assembly> {
  for (const name of (await readdir(outdir)).filter((name) => name.endsWith(TEMPLATE))) {
    const template = v.parse(templateSchema, await readJson(join(outdir, name)));
    if (!Object.values(template.Resources).some(({ Type }) => Type === 'AWS::ApiGatewayV2::Api')) continue;
    const stackName = name.slice(0, -TEMPLATE.length);
    return { stackName, template, assetDirectory: await assetDirectoryIn(outdir, stackName) };
  }
  throw new StartError(`There is no synthesized stack with an HTTP API in ${outdir}.`);
}
