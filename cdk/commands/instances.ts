// A stack of this project has one instance, whose outputs are named `ApiUrl`, `UsersTable` and so on. A stack of another app can have
// several: the names of their outputs begin with the ids of their constructs, as in `SupportApiUrl`.
import { CommandError, UsageError } from './errors.ts';

/** Every instance has an output of this name. */
const MARK = 'PublishableKey';

/** Returns the ids of the instances with these outputs; that of the instance in a stack of this project is empty. */
export function instancesWith(outputNames: readonly string[]): readonly string[] {
  return outputNames.filter((name) => name.endsWith(MARK)).map((name) => name.slice(0, -MARK.length));
}

/**
 * Returns the id of the instance of a stack that `--instance` chooses, or that of its only one. Without any instance it is empty.
 *
 * @param stack the stack, as messages name it
 * @throws CommandError if the stack has no such instance
 * @throws UsageError if it has several, and none is chosen
 */
export function chooseInstance(outputNames: readonly string[], chosen: string | undefined, stack: string): string {
  const instances = instancesWith(outputNames);
  const [first = ''] = instances;
  if (chosen === undefined && instances.length <= 1) return first;
  const available = `Available instances: ${instances.filter((id) => id !== '').join(', ') || 'none that has a name'}.`;
  if (chosen === undefined)
    throw new UsageError(`${stack} has ${instances.length} instances: choose one with --instance. ${available}`);
  if (chosen === '' || !instances.includes(chosen))
    throw new CommandError(
      `${stack} has no instance ${chosen}: choose another one with --instance, or omit the option. ${available}`,
    );
  return chosen;
}
