import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { UsageError } from './errors.ts';

const LONGEST_QUOTE = 40;

type Parsed<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ readonly args: string[]; readonly options: Options; readonly allowPositionals: true }>
>;

/** Returns the beginning of an argument, as a message quotes it. */
export function quote(argument: string): string {
  return argument.length > LONGEST_QUOTE ? `${argument.slice(0, LONGEST_QUOTE)}…` : argument;
}

function checkNoMore(unexpected: readonly string[]): void {
  if (unexpected.length === 0) return;
  const noun = unexpected.length === 1 ? 'argument' : 'arguments';
  throw new UsageError(`Unexpected ${noun}: ${quote(unexpected.join(' '))}. Quote names that contain spaces.`);
}

/**
 * Reads options and any number of arguments.
 *
 * @throws UsageError for an unknown option, and for an option without its value
 */
export function readArguments<Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: Options,
): Parsed<Options> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // The rest is about arguments that begin with a dash, which no command has.
    throw new UsageError(error.message.replace(/\. To specify a positional argument.*$/s, '.'));
  }
}

/**
 * Reads options, and refuses arguments.
 *
 * @throws UsageError
 */
export function readOptions<Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: Options,
): Parsed<Options>['values'] {
  const { values, positionals } = readArguments(args, options);
  checkNoMore(positionals);
  return values;
}

/**
 * Reads options and exactly one argument.
 *
 * @param missing the message when there is none, or an empty one
 * @throws UsageError
 */
export function readArgument<Options extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: Options,
  missing: string,
): { readonly values: Parsed<Options>['values']; readonly argument: string } {
  const { values, positionals } = readArguments(args, options);
  const [argument, ...more] = positionals;
  if (!argument) throw new UsageError(missing);
  checkNoMore(more);
  return { values, argument };
}
