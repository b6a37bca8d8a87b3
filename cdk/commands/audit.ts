/** `npm run audit`: answers from the sealed record who acted as whom, and proves that it was not changed. */
import { exportEvents, list, show } from './audit/list.ts';
import { verify } from './audit/verify.ts';
import { type Command, runCommand } from './command.ts';
import { targetHelp } from './target.ts';

const help = `Reads the sealed record of who acted as whom, and verifies it.

  npm run audit -- list                    the events of the last seven days, as a table
  npm run audit -- list --user customer_1  those of one user, by the id or the external id
  npm run audit -- show <id>               the story of one actor token and its session, with the numbers of the seals
  npm run audit -- export                  all events, one JSON object per line
  npm run audit -- verify                  walk the chain of seals, and compare the record with it

  --since <time>    list, export: from then on: 7d, 12h, or 2026-11-01T00:00:00Z (default of list: 7d)
  --until <time>    list, export: before then
  --user <user>     list, export: the id or the external id of the user
  --actor <sub>     list, export: the sub of the actor
  --witness <seal>  verify: a seal that an earlier run printed, such as 124:4y9L…; it must still be in its place
  --from <number>   verify: begin with this seal, and do not compare the record
  --chain-only      verify: do not compare the record
  --json            one JSON object per line
  --csv             list, show, export: comma-separated values with a header

A change of the record appears in the log within seconds. verify waits for those of the last half minute.

${targetHelp}`;

export const audit: Command = {
  name: 'audit',
  help,
  verbs: { list, show, export: exportEvents, verify },
};

if (import.meta.main) await runCommand(audit);
