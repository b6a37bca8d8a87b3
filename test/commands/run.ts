// Runs the commands as an administrator does: as processes of their own, with nothing of this process's environment.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';

type CommandName = 'deploy' | 'secret-key' | 'users' | 'impersonate' | 'policy' | 'smoke' | 'signing-keys';

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** The text on standard input, which is empty by default. */
  readonly input?: string;
  /** A file descriptor for standard output. The result then lacks what was written to it. */
  readonly stdout?: number;
}

interface Running {
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
}

/** The arguments that choose the running stack. */
export const LOCAL = ['--local', '--dir', inject('stack').dir] as const;

const bare = {
  PATH: process.env.PATH ?? '',
  HOME: '/nonexistent',
  AWS_EC2_METADATA_DISABLED: 'true',
  // Compiling the SDK takes a third of the time of a command.
  NODE_COMPILE_CACHE: join(inject('stack').dir, 'compile-cache'),
};

export function start(
  command: CommandName,
  args: readonly string[],
  { env = {}, input = '', stdout }: RunOptions = {},
): Running {
  const path = fileURLToPath(new URL(`../../cdk/commands/${command}.ts`, import.meta.url));
  const stdio = ['pipe', stdout ?? 'pipe', 'pipe'] as const;
  const child = spawn(process.execPath, [path, ...args], { env: { ...bare, ...env }, stdio: [...stdio] });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  // The command may end before it has read everything.
  child.stdin?.on('error', () => undefined).end(input);
  const ended = new Promise<Ended>((resolve) => child.once('close', (status) => resolve({ status, ...output })));
  return { ended, kill: (signal) => void child.kill(signal) };
}

export function run(command: CommandName, args: readonly string[], options?: RunOptions): Promise<Ended> {
  return start(command, args, options).ended;
}
