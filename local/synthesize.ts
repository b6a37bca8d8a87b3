import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { project } from '../cdk/project.ts';
import { StartError } from './aws/start-error.ts';

/** The context values of a CDK app. */
export type Context = Readonly<Record<string, unknown>>;

interface SynthesisOptions {
  /** The app's file, relative to the project. */
  readonly app: string;
  readonly outdir: string;
  readonly context: Context;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Synthesizes a CDK app into a folder as `cdk deploy` would, except for the validation of the template, which takes three seconds.
 *
 * @throws StartError with the output of the app when it does not synthesize
 */
export async function synthesize({ app, outdir, context, signal }: SynthesisOptions): Promise<void> {
  await rm(outdir, { recursive: true, force: true });
  const env = {
    ...process.env,
    CDK_OUTDIR: outdir,
    CDK_CONTEXT_JSON: JSON.stringify(context),
    CDK_VALIDATION: 'false',
  };
  const child = spawn(process.execPath, [app], {
    cwd: project,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal && { signal }),
  });
  const printed: Buffer[] = [];
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => printed.push(chunk));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (status !== 0)
    throw new StartError(
      `${Buffer.concat(printed).toString()}\nThe stack does not synthesize: correct the error above.`,
    );
}
