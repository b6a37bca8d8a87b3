import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refusal } from '../local/refusal.ts';

export interface RunOptions {
  /** Of the example's own server and of the API; 0 picks a free one. */
  readonly ports: readonly [example: number, api: number];
  /** For state, which is forgotten at the end. */
  readonly dir: string;
  readonly signal: AbortSignal;
}

interface Running {
  stop(): Promise<void>;
}

/** Runs an example as a command: until Ctrl-C, leaving nothing behind. `story` is printed once it runs. */
export async function command<Example extends Running>(
  ports: RunOptions['ports'],
  start: (options: RunOptions) => Promise<Example>,
  story: (example: Example) => Promise<readonly string[]>,
): Promise<void> {
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort());
  const dir = await mkdtemp(join(tmpdir(), 'actor-tokens-example-'));
  let example: Example | undefined;
  try {
    console.log('Starting the local stack …');
    example = await start({ ports, dir, signal: stopping.signal });
    console.log(['', ...(await story(example)), '', 'Ctrl-C stops it.'].join('\n'));
    await stopped;
  } catch (error) {
    if (!stopping.signal.aborted) {
      console.error(error instanceof Refusal ? error.message : error);
      process.exitCode = 1;
    }
  } finally {
    await example?.stop();
    await rm(dir, { recursive: true, force: true });
  }
}
