/**
 * `npm run impersonate`: starts an impersonation with the operator's own token; shows, ends and blocks on the tables themselves, so that it
 * also works while the API is flooded.
 */
import { type Command, runCommand } from './command.ts';
import { block, unblock } from './impersonate/block.ts';
import { end } from './impersonate/end.ts';
import { list } from './impersonate/list.ts';
import { start } from './impersonate/start.ts';
import { targetHelp } from './target.ts';

const help = `Starts, shows, ends and blocks impersonations.

  npm run impersonate -- start <user>           print a link that signs you in as a user, once
  npm run impersonate -- list                   list all active sessions
  npm run impersonate -- end <session id>       end one session
  npm run impersonate -- end <actor token id>   revoke one pending actor token
  npm run impersonate -- end --user <user>      end all sessions as this user, and revoke the pending actor tokens for the user
  npm run impersonate -- end --actor <sub>      end all sessions of this actor, and revoke the actor's pending actor tokens
  npm run impersonate -- end --all              end all sessions, and revoke all pending actor tokens
  npm run impersonate -- block <actor>          let an actor impersonate nobody any more; "*" for everybody
  npm run impersonate -- unblock <actor>        lift that block; what was created before stays dead

"start" asks the API in your own name: with OPERATOR_TOKEN, a token of your identity provider, or with --token-command or --aws. A user is
named by the id, the external id or the e-mail address. Everything else works on the tables themselves, with your AWS credentials.

  --reason <text>     start, block: why, for the record
  --for <duration>    start: the longest duration of the session, such as 15m
  --open              start: open the link in your browser
  --api <url>         start: the URL of the API, in place of a stack; no AWS credentials are needed, and no e-mail address is looked up
  --token-command "…" start: a command that prints your token
  --aws               start: a token of AWS for your AWS credentials (sts:GetWebIdentityToken)
  --user <user>       list, end: the id or the external id of the user whom the sessions are signed in as
  --actor <sub>       list, end: the sub of the actor
  --confirm <stage>   block: confirms "*"
  --json              print JSON, one object per line

A session or an actor token that has ended stays as it is, so a command that failed can be run again.

${targetHelp}`;

export const impersonate: Command = {
  name: 'impersonate',
  help,
  verbs: { start, list, end, block, unblock },
};

if (import.meta.main) await runCommand(impersonate);
