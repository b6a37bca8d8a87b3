import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** Where a command finds AWS, and nothing of this machine's own. */
export interface Account {
  readonly endpoint: string;
  /** What the CDK remembers of accounts, which must not be what it knows of yours. */
  readonly cdkHome: string;
  /** The working directory; this project by default. */
  readonly cwd?: string;
}

export interface Ended {
  readonly status: number | null;
  /** What it printed as its result. */
  readonly printed: string;
  /** All it said, on either output. */
  readonly said: string;
}

function environmentWith({ endpoint, cdkHome }: Account): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS_|CDK_|NODE_OPTIONS$|VITEST|npm_)/.test(name));
  return {
    ...Object.fromEntries(kept),
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'emulator',
    AWS_SECRET_ACCESS_KEY: 'emulator',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_HOME: cdkHome,
    CDK_DISABLE_VERSION_CHECK: '1',
    NO_COLOR: '1',
  };
}

/** Runs a command as somebody types it, against the emulator. */
export async function command(account: Account, ...[name = '', ...args]: readonly string[]): Promise<Ended> {
  const child = spawn(name, args, {
    cwd: account.cwd ?? project,
    env: environmentWith(account),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const printed: Buffer[] = [];
  const said: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => said.push(chunk));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { status, printed: Buffer.concat(printed).toString(), said: Buffer.concat(said).toString() };
}

/** Expects that a command ends with 0, and shows all it said if it does not. */
export async function succeeded(ended: Promise<Ended>): Promise<Ended> {
  const { status, said } = await ended;
  expect(status, said).toBe(0);
  return ended;
}
