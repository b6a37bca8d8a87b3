import { readOptions } from '../arguments.ts';
import { capitalize, printLine, printMessage, printTable } from '../output.ts';
import { showProgress } from '../progress.ts';
import { findTarget } from '../target.ts';
import { rowOf, sessionJson } from './rows.ts';
import { activeSessions, checkChoice, matcherOf, selectionOptions } from './selection.ts';

/** Prints the active sessions that the options choose. */
export async function list(args: readonly string[]): Promise<number> {
  const values = readOptions(args, selectionOptions);
  checkChoice(values);
  const target = await findTarget(values);
  const matches = await matcherOf(values, target);
  const rows: (readonly string[])[] = [];
  let count = 0;
  const progress = showProgress(() => `found ${count}`);
  try {
    for await (const session of activeSessions({ target, matches, report: progress.printMessage })) {
      if (values.json) printLine(JSON.stringify(sessionJson(session, 'active')));
      else rows.push(rowOf(session));
      count += 1;
    }
  } finally {
    progress.stop();
  }
  printTable(rows);
  if (count === 0) printMessage(`${capitalize(target.name)} has no such session that is active.`);
  return 0;
}
