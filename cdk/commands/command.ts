import { explained } from './explain.ts';

/** Called in a way that cannot be meant: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What was asked for cannot be done: one sentence that also says what to do. Exit code 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** A part of a sentence as the beginning of one. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Does the work of one verb with the arguments behind it, and answers with the exit code. */
export type Verb = (args: readonly string[]) => Promise<number>;

export interface Command {
  /** As it is called: `npm run users`. */
  readonly name: string;
  readonly help: string;
  /** The first argument picks one; or one that is all the command does. */
  readonly verbs: Readonly<Record<string, Verb>> | Verb;
}

/** Whatever a message quotes: a secret key pasted in the wrong place stays out of it, and no control character gets through. */
function printable(text: string): string {
  return text.replace(/sk_(live|test)_[\w-]+/g, 'sk_$1_…').replace(/[^\P{Cc}\n]/gu, '\u{fffd}');
}

/** Says something to the person at the terminal. */
export function tell(message: string): void {
  process.stderr.write(`${printable(message)}\n`);
}

/** Prints a part of the result. */
export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Text in columns, as wide as their widest entry. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const width = (column: number) => Math.max(...rows.map((row) => row[column]?.length ?? 0));
  for (const row of rows)
    print(
      row
        .map((entry, column) => entry.padEnd(width(column)))
        .join('  ')
        .trimEnd(),
    );
}

function isUsageError(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}

function quoted(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

async function statusOf({ help, verbs }: Command, args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    print(help);
    return 0;
  }
  if (typeof verbs === 'function') return verbs(args);
  const names = new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(Object.keys(verbs));
  const [verbName, ...rest] = args;
  if (verbName === undefined) throw new UsageError(`Say what to do: there are ${names}.`);
  if (verbName.startsWith('-')) throw new UsageError(`Say what to do, then the options: there are ${names}.`);
  const verb = Object.hasOwn(verbs, verbName) ? verbs[verbName] : undefined;
  if (!verb) throw new UsageError(`Unknown command ${quoted(verbName)}: there are ${names}.`);
  return verb(rest);
}

/**
 * Runs a command to its end. Exit code 0: done; 1: not, or not all of it, done; 2: called in a wrong way. An error is told in
 * one sentence, without a stack.
 */
export async function runCommand(command: Command): Promise<void> {
  // Whoever reads the result may have read enough, as `head` does.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    tell(`The result could not be written (${error.code}): what was done is done, but not shown.`);
    process.exit(1);
  });
  try {
    process.exitCode = await statusOf(command, process.argv.slice(2));
  } catch (error) {
    process.exitCode = isUsageError(error) ? 2 : 1;
    if (isUsageError(error)) tell(`${error.message}\nAll of it: ${command.name} -- --help`);
    else tell(error instanceof CommandError ? error.message : explained(error));
  }
}
