import { quote } from './arguments.ts';
import { errorSentence } from './error-sentence.ts';
import { CommandError, UsageError } from './errors.ts';
import { printLine, printMessage } from './output.ts';

/** Does the work of one verb with the arguments after it, and returns the exit code. */
type Verb = (args: readonly string[]) => Promise<number>;

export interface Command {
  /** The name of its script: `users` for `npm run users`. */
  readonly name: string;
  readonly help: string;
  /** The verbs that the first argument chooses from, or the one verb of a command that has no others. */
  readonly verbs: Readonly<Record<string, Verb>> | Verb;
}

const EXIT_CODES = 'Exit code: 0 success; 1 failure or partial failure; 2 usage error.';

/** @throws UsageError when the first argument is not a verb */
function chooseVerb({ verbs }: Command, args: readonly string[]): readonly [Verb, ...(readonly string[])] {
  if (typeof verbs === 'function') return [verbs, ...args];
  const available = `Available commands: ${Object.keys(verbs).join(', ')}.`;
  const [name, ...rest] = args;
  if (name === undefined) throw new UsageError(`Missing command. ${available}`);
  if (name.startsWith('-')) throw new UsageError(`The command must come before the options. ${available}`);
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (!verb) throw new UsageError(`Unknown command: ${quote(name)}. ${available}`);
  return [verb, ...rest];
}

/**
 * Executes a command and returns its exit code: 0 success, 1 failure or partial failure, 2 usage error. An error is reported on
 * stderr without a stack. Never throws.
 */
export async function executeCommand(command: Command, args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    printLine(`${command.help}\n\n${EXIT_CODES}`);
    return 0;
  }
  try {
    const [verb, ...rest] = chooseVerb(command, args);
    return await verb(rest);
  } catch (error) {
    if (error instanceof UsageError) {
      printMessage(`${error.message}\nRun \`npm run ${command.name} -- --help\` for usage.`);
      return 2;
    }
    printMessage(error instanceof CommandError ? error.message : errorSentence(error, 'DynamoDB'));
    return 1;
  }
}

/** Runs a command as this process, until its exit code is set. */
export async function runCommand(command: Command, args: readonly string[] = process.argv.slice(2)): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader may close the pipe early (`| head`).
    if (error.code === 'EPIPE') process.exit();
    printMessage(`The result could not be written (${error.code}): the command took effect, but its result is lost.`);
    process.exit(1);
  });
  process.exitCode = await executeCommand(command, args);
}
