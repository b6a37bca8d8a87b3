// Executes the commands inside the test's own process, which takes a fraction of the time of a process of their own. The tests of
// a file run one after the other, so what is written meanwhile is the command's.
import { devNull, tmpdir } from 'node:os';
import { vi } from 'vitest';
import { type Command, executeCommand } from '../../cdk/commands/command.ts';
import { keepOutput, outputFile } from '../support/secrets.ts';
import type { Ended } from './run.ts';

/** An environment without AWS credentials, Region and profile. */
const bare = { AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull, AWS_EC2_METADATA_DISABLED: 'true' };

/** Replaces the AWS variables of this process, until `vi.unstubAllEnvs`. */
export function stubAws(env: Readonly<Record<string, string>>): void {
  const names = Object.keys(process.env).filter((name) => name.startsWith('AWS_'));
  for (const name of [...names, 'LOCAL_DIR']) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries({ ...bare, ...env })) vi.stubEnv(name, value);
}

/** Collects what is written to a stream. */
function capture(stream: 'stdout' | 'stderr'): () => string {
  const written: string[] = [];
  const write = vi.spyOn(process[stream], 'write').mockImplementation((text) => written.push(String(text)) > 0);
  return () => {
    write.mockRestore();
    return written.join('');
  };
}

/** The output of a command is searched for secrets at the end of the run. These commands may show one, on stdout. */
const SHOWN: ReadonlyMap<string, 'secret key' | 'ticket'> = new Map([
  ['secret-key create', 'secret key'],
  ['impersonate start', 'ticket'],
]);

function keep({ name }: Command, args: readonly string[], { stdout, stderr }: Ended): void {
  const shows = SHOWN.get(`${name} ${args[0]}`);
  keepOutput(outputFile(tmpdir(), `${name}.stdout`, shows), stdout);
  keepOutput(outputFile(tmpdir(), `${name}.stderr`), stderr);
}

/** Executes a command with these AWS variables, and no others. */
export async function execute(
  command: Command,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  stubAws(env);
  const captured = { stdout: capture('stdout'), stderr: capture('stderr') };
  const status = await executeCommand(command, args).finally(vi.unstubAllEnvs);
  const ended = { status, stdout: captured.stdout(), stderr: captured.stderr() };
  keep(command, args, ended);
  return ended;
}
