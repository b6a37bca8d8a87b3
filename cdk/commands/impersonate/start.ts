import { spawn } from 'node:child_process';
import * as v from 'valibot';
import { listUsers } from '../../../shared/users/list-users.ts';
import { parseListUsers } from '../../../shared/users/list-users-schema.ts';
import { findUserId } from '../../../shared/users/read-users.ts';
import { quote, readArgument } from '../arguments.ts';
import { CommandError, UsageError } from '../errors.ts';
import { capitalize, printLine, printMessage } from '../output.ts';
import { parseDuration } from '../parse-time.ts';
import { findTarget, type Target, targetOptions } from '../target.ts';
import { operatorToken } from './operator-token.ts';

const options = {
  ...targetOptions,
  json: { type: 'boolean' },
  api: { type: 'string' },
  reason: { type: 'string' },
  for: { type: 'string' },
  open: { type: 'boolean' },
  'token-command': { type: 'string' },
  aws: { type: 'boolean' },
} as const;

const created = v.object({ id: v.string(), url: v.string(), actor: v.object({ sub: v.string() }) });
const refused = v.object({ errors: v.array(v.object({ long_message: v.string() })) });

/** The user's id for an e-mail address, which the Backend API does not take. @throws CommandError */
async function idOfEmail(email: string, { name, instance }: Target): Promise<string> {
  const params = parseListUsers(new URLSearchParams({ email_address: email }));
  const [user, another] = await listUsers(instance, params);
  if (!user) throw new CommandError(`${capitalize(name)} has no user with the e-mail address ${quote(email)}.`);
  if (another)
    throw new CommandError(`Several users have the e-mail address ${quote(email)}: write the id of one of them.`);
  return user.id;
}

/** The Backend API, and the id or external id by which it knows the user. @throws UsageError, CommandError */
async function findUser(
  named: string,
  { api, ...choice }: { readonly api?: string | undefined } & Parameters<typeof findTarget>[0],
): Promise<{ readonly apiUrl: string; readonly userId: string }> {
  if (api === undefined) {
    const target = await findTarget(choice);
    if (!named.includes('@')) return { apiUrl: target.apiUrl, userId: named };
    // An external id can have the form of an e-mail address.
    const userId = (await findUserId(target.instance, named)) ?? (await idOfEmail(named, target));
    return { apiUrl: target.apiUrl, userId };
  }
  if (!URL.canParse(api)) throw new UsageError('--api is not a URL: write one such as https://clerk.example.com.');
  return { apiUrl: api.replace(/\/$/, ''), userId: named };
}

/** @throws CommandError with what the API says */
async function createActorToken(apiUrl: string, token: string, body: object): Promise<v.InferOutput<typeof created>> {
  const response = await fetch(`${apiUrl}/v1/actor_tokens`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  }).catch(() => {
    throw new CommandError(`${apiUrl} does not answer: check the URL and the network, then try again.`);
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok && v.is(created, answer)) return answer;
  const sentences = v.is(refused, answer) ? answer.errors.map(({ long_message: sentence }) => sentence) : [];
  throw new CommandError(sentences.join(' ') || `${apiUrl} answered ${response.status}: is it the URL of the API?`);
}

/** Opens a URL in the person's browser. */
function openInBrowser(url: string): void {
  const openers: Partial<Record<NodeJS.Platform, readonly [string, ...(readonly string[])]>> = {
    darwin: ['open'],
    win32: ['explorer.exe'],
  };
  const [command, ...args] = openers[process.platform] ?? ['xdg-open'];
  const child = spawn(command, [...args, url], { detached: true, stdio: 'ignore' });
  child.on('error', () => printMessage(`No browser could be opened with ${command}: open the link yourself.`));
  child.unref();
}

/** Creates an actor token with the operator's own token, and prints its link. */
export async function start(args: readonly string[]): Promise<number> {
  const missing = 'Missing user: write the id, the external id or the e-mail address.';
  const { values, argument: named } = readArgument(args, options, missing);
  const { reason, for: duration } = values;
  const seconds = duration === undefined ? undefined : parseDuration('--for', duration);
  const { apiUrl, userId } = await findUser(named, values);
  const token = await operatorToken(values, apiUrl);
  const { id, url, actor } = await createActorToken(apiUrl, token, {
    user_id: userId,
    ...(reason !== undefined && { reason }),
    ...(seconds !== undefined && { session_max_duration_in_seconds: seconds }),
  });
  printLine(values.json ? JSON.stringify({ id, url, actor }) : url);
  printMessage(`The link signs you in as ${quote(named)}, once, as ${quote(actor.sub)}. Do not give it to anybody.`);
  if (values.open) openInBrowser(url);
  return 0;
}
