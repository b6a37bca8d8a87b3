import { withResources } from './resources.ts';
import { run } from './run.ts';
import { synthesize } from './synthesize.ts';

export interface PlainStackOptions {
  /** The CDK app's file, relative to the project. */
  readonly app: string;
  readonly context: Readonly<Record<string, string>>;
  /** 0 picks a free port. */
  readonly port: number;
  readonly dir: string;
  readonly dynamodbEndpoint?: string | undefined;
  /** Aborts the start. */
  readonly signal?: AbortSignal | undefined;
}

export interface PlainStack {
  readonly endpoint: string;
  readonly logFile: string;
  stop(): Promise<void>;
}

/**
 * Runs another stack than the product's on this machine. Resolves once its API answers. When it rejects, nothing is left running.
 *
 * @throws StartError when the port, the directory, the engine or the stack does not allow it
 */
export async function startPlainStack({ app, context, ...options }: PlainStackOptions): Promise<PlainStack> {
  return withResources(async (resources) => {
    const { signal } = options;
    const assemble = async (outdir: string) => {
      await synthesize({ app, outdir, context, signal });
      return outdir;
    };
    const { endpoint, directory, serve } = await run({ ...options, assemble }, resources);
    serve();
    return { endpoint, logFile: directory.logFile, stop: () => resources.disposeAsync() };
  });
}
