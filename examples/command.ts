import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listenLocally, PortTaken } from '../local/aws/server.ts';
import { portFrom } from '../local/port.ts';
import { runUntilInterrupted } from '../local/run-until-interrupted.ts';

export interface RunOptions {
  /** The ports of the example's own server and of the API; 0 picks a free one. */
  readonly ports: readonly [example: number, api: number];
  /** The directory for state, which is deleted at the end. */
  readonly dir: string;
  /** A running DynamoDB engine, which is used in place of the embedded one. */
  readonly dynamodbEndpoint?: string | undefined;
  readonly signal: AbortSignal;
  /** Receives the steps of the start. */
  readonly report?: (line: string) => void;
}

interface Running {
  stop(): Promise<void>;
}

/** Returns the port, or 0, for a free one, when another process listens there. */
async function freePort(port: number): Promise<number> {
  try {
    await (await listenLocally(createServer(), port)).stop();
    return port;
  } catch (error) {
    if (!(error instanceof PortTaken)) throw error;
    console.log(`Port ${port} is taken, so a free one is used in its place.`);
    return 0;
  }
}

/**
 * Runs an example as a command until Ctrl-C, and leaves nothing behind. Its steps are printed as they are done, and the lines of
 * `story` once it runs.
 *
 * @param ports the usual ports. PORT is another one for the example's own server; a usual one that is taken is replaced by a free one.
 */
export async function runExample<Example extends Running>(
  ports: RunOptions['ports'],
  start: (options: RunOptions) => Promise<Example>,
  story: (example: Example) => Promise<readonly string[]>,
): Promise<void> {
  await runUntilInterrupted(async ({ signal }) => {
    const { PORT, DYNAMODB_ENDPOINT } = process.env;
    const own = PORT ? portFrom(PORT) : await freePort(ports[0]);
    const api = own === ports[1] ? 0 : await freePort(ports[1]);
    const dir = await mkdtemp(join(tmpdir(), 'actor-tokens-example-'));
    process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
    console.log('Starting the local stack, which takes about half a minute …');
    const report = (line: string) => console.log(line);
    const example = await start({
      ports: [own, api],
      dir,
      dynamodbEndpoint: DYNAMODB_ENDPOINT || undefined,
      signal,
      report,
    });
    // npm runs this process below a shell, which does not pass SIGTERM on.
    const end = `Ctrl-C stops it; a script stops it with "kill ${process.pid}".`;
    console.log(['', ...(await story(example)), '', end].join('\n'));
    return example;
  });
}
