// The output of "cdk synth". Source: the schema of cloud assemblies, @aws-cdk/cloud-assembly-schema.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { CommandError } from '../errors.ts';

const artifact = v.object({
  type: v.string(),
  properties: v.optional(
    v.object({
      /** A stack has a template, a nested assembly a directory. */
      templateFile: v.optional(v.string()),
      stackName: v.optional(v.string()),
      directoryName: v.optional(v.string()),
    }),
    {},
  ),
});

const manifest = v.object({ artifacts: v.optional(v.record(v.string(), artifact), {}) });

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    throw new CommandError(
      `${path} cannot be read, so there is no synthesized app: run "npx cdk synth" first, or choose its output with --assembly.`,
    );
  }
}

/** Returns the template file of each stack by its name, also of the stacks in the stages of the app. */
async function templateFiles(directory: string): Promise<ReadonlyMap<string, string>> {
  const path = join(directory, 'manifest.json');
  const parsed = v.safeParse(manifest, await readJson(path));
  if (!parsed.success)
    throw new CommandError(`${path} is not the manifest of a synthesized app: run "npx cdk synth" again.`);
  const artifacts = Object.entries(parsed.output.artifacts);
  const own = artifacts.flatMap(([id, { type, properties }]) =>
    type === 'aws:cloudformation:stack' && properties.templateFile !== undefined
      ? [[properties.stackName ?? id, join(directory, properties.templateFile)] as const]
      : [],
  );
  const nested = artifacts.flatMap(([, { type, properties }]) =>
    type === 'cdk:cloud-assembly' && properties.directoryName !== undefined
      ? [templateFiles(join(directory, properties.directoryName))]
      : [],
  );
  return new Map([...own, ...(await Promise.all(nested)).flatMap((each) => [...each])]);
}

/**
 * Reads the template of a stack from the output of "cdk synth".
 *
 * @throws CommandError if there is no such output, or no such stack in it
 */
export async function readSynthesizedTemplate(directory: string, stackName: string): Promise<unknown> {
  const files = await templateFiles(directory);
  const file = files.get(stackName);
  if (file !== undefined) return readJson(file);
  throw new CommandError(
    `${directory} has no stack ${stackName}: choose one with --stack. Available stacks: ${[...files.keys()].join(', ') || 'none'}.`,
  );
}
