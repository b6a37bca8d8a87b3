// The product's stack, synthesized once in a run for all tests that start one of their own, each with origins of its own.
import { cp, mkdir, mkdtemp, readFile, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { type Local, type LocalOptions, startLocal, synthesizeProduct } from '../../local/product-stack.ts';

/** Two seconds of work, on a machine that has other work. */
const patience = { timeout: 50_000, interval: 50 };

type Members = { readonly [name: string]: Members | undefined };

/**
 * Whoever asks first synthesizes, into the run's own folder; the others wait. It is renamed when it is done, so nobody finds a
 * part of it, and no later run finds it at all.
 */
async function synthesizedOnce(): Promise<string> {
  const outdir = join(tmpdir(), 'synthesized');
  const unfinished = `${outdir}-unfinished`;
  const isFirst = await mkdir(`${outdir}-begun`).then(
    () => true,
    () => false,
  );
  if (isFirst) {
    await synthesizeProduct({ outdir: unfinished, allowedOrigin: 'http://localhost' });
    await rename(unfinished, outdir);
  }
  await vi.waitFor(() => readFile(join(outdir, 'manifest.json')), patience);
  return outdir;
}

/** A copy of the synthesized stack whose functions are told these variables beside their own. */
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
 * Starts the synthesized stack in a directory of its own, with the bundles that `cdk deploy` would upload; its functions are told
 * these variables beside their own.
 *
 * @param name of the directory, by which its log is known when a secret is found in it
 */
export async function startSynthesized(
  name: string,
  variables: Readonly<Record<string, string>>,
  options: Partial<LocalOptions>,
): Promise<Local> {
  const dir = await mkdtemp(join(tmpdir(), `${name}-`));
  return startLocal({ port: 0, dir, outdir: await copyWith(variables, dir), fresh: true, ...options });
}
