import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Refusal } from './refusal.ts';

const project = fileURLToPath(new URL('..', import.meta.url));

export interface CdkAppOptions {
  /** The app's file, relative to the project. */
  readonly app: string;
  readonly outdir: string;
  readonly context: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
}

/**
 * Synthesizes a CDK app into `outdir` as `cdk` would, without the validation of its template.
 * @throws Refusal when it does not synthesize, with what the app said.
 */
export async function runCdkApp({ app, outdir, context, signal }: CdkAppOptions): Promise<void> {
  await rm(outdir, { recursive: true, force: true });
  const env = {
    ...process.env,
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify(context),
    CDK_VALIDATION: 'false',
  };
  const child = spawn(process.execPath, [app], { cwd: project, env, stdio: ['ignore', 'pipe', 'pipe'], signal });
  const said: Buffer[] = [];
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => said.push(chunk));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (status !== 0)
    throw new Refusal(`${Buffer.concat(said).toString()}\nThe stack does not synthesize: mend what is named above.`);
}
