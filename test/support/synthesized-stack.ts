// The product's stack, which is synthesized once in a test run for all tests that start one of their own.
import { cp, mkdir, mkdtemp, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { readLocalContext } from '../../local/local-context.ts';
import { type Local, type LocalOptions, startLocal } from '../../local/product-stack.ts';
import { synthesize } from '../../local/synthesize.ts';

/** The synthesis takes two seconds, and longer on a busy machine. */
const patience = { timeout: 50_000, interval: 50 };

type Members = { readonly [name: string]: Members | undefined };

/**
 * Synthesizes the stack into the temporary folder of the test run, unless another test file does so; then it waits. The result is
 * renamed when it is complete, so that no test reads a part of it.
 */
async function synthesizedOnce(): Promise<string> {
  const outdir = join(tmpdir(), 'synthesized');
  const unfinished = `${outdir}-unfinished`;
  const isFirst = await mkdir(`${outdir}-begun`).then(
    () => true,
    () => false,
  );
  if (isFirst) {
    const context = await readLocalContext({ allowedOrigin: 'http://localhost' });
    await synthesize({ app: 'cdk/app.ts', outdir: unfinished, context });
    await rename(unfinished, outdir);
  }
  await vi.waitFor(() => readFile(join(outdir, 'manifest.json')), patience);
  return outdir;
}

/** Copies the synthesized stack and adds these variables to its functions; returns the folder. */
async function copyWith(variables: Readonly<Record<string, string>>, dir: string): Promise<string> {
  const copy = join(dir, 'cdk.out');
  await cp(await synthesizedOnce(), copy, { recursive: true });
  const file = join(copy, 'actor-tokens-dev.template.json');
  const template = JSON.parse(await readFile(file, 'utf8'));
  for (const { Type, Properties } of Object.values<Record<string, Members>>(template.Resources))
    if (String(Type) === 'AWS::Lambda::Function') Object.assign(Properties?.Environment?.Variables ?? {}, variables);
  await writeFile(file, JSON.stringify(template));
  return copy;
}

/**
 * Starts the synthesized stack in a new directory, with the bundles that `cdk deploy` would upload, and these variables in addition
 * to those of its functions.
 *
 * @param name the beginning of the directory's name, which identifies its log when a secret is found in it
 */
export async function startSynthesized(
  name: string,
  variables: Readonly<Record<string, string>>,
  options: Partial<LocalOptions>,
): Promise<Local> {
  const dir = await mkdtemp(join(tmpdir(), `${name}-`));
  return startLocal({ port: 0, dir, outdir: await copyWith(variables, dir), fresh: true, ...options });
}
