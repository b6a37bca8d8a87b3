import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runUntilInterrupted } from '../local/run-until-interrupted.ts';

export interface RunOptions {
  /** The ports of the example's own server and of the API; 0 picks a free one. */
  readonly ports: readonly [example: number, api: number];
  /** The directory for state, which is deleted at the end. */
  readonly dir: string;
  /** A running DynamoDB engine, which is used in place of the embedded one. */
  readonly dynamodbEndpoint?: string | undefined;
  readonly signal: AbortSignal;
}

interface Running {
  stop(): Promise<void>;
}

/** Runs an example as a command until Ctrl-C, and leaves nothing behind. The lines of `story` are printed once it runs. */
export async function runExample<Example extends Running>(
  ports: RunOptions['ports'],
  start: (options: RunOptions) => Promise<Example>,
  story: (example: Example) => Promise<readonly string[]>,
): Promise<void> {
  await runUntilInterrupted(async ({ signal }) => {
    const dir = await mkdtemp(join(tmpdir(), 'actor-tokens-example-'));
    process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
    console.log('Starting the local stack …');
    const example = await start({ ports, dir, dynamodbEndpoint: process.env.DYNAMODB_ENDPOINT || undefined, signal });
    console.log(['', ...(await story(example)), '', 'Ctrl-C stops it.'].join('\n'));
    return example;
  });
}
