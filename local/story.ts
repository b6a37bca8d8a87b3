import { styleText } from 'node:util';
import type { LocalInstance } from './instance.ts';

const readJson = (member: string) => `node -p 'JSON.parse(require("fs").readFileSync(0)).${member}'`;

/**
 * Returns the lines of a shell session from an actor token to a decoded session token. They contain no comments, which an
 * interactive zsh would run as commands.
 */
export function curlStory({
  baseUrl,
  frontendApiUrl,
  secretKey,
  userIds,
}: Pick<LocalInstance, 'baseUrl' | 'frontendApiUrl' | 'secretKey' | 'userIds'>): readonly string[] {
  return [
    `API=${baseUrl}`,
    `FRONTEND_API=${frontendApiUrl}`,
    `SECRET_KEY=${secretKey}`,
    `USER_ID=${userIds[0]}`,
    'COOKIES=$(mktemp)',
    `TICKET=$(curl -s "$API/v1/actor_tokens" -H "Authorization: Bearer $SECRET_KEY" -H 'Content-Type: application/json' -d '{"user_id":"'"$USER_ID"'","actor":{"sub":"user_support"}}' | ${readJson('token')})`,
    `SESSION_ID=$(curl -s -c "$COOKIES" "$FRONTEND_API/v1/client/sign_ins" -d strategy=ticket -d "ticket=$TICKET" | ${readJson('response.created_session_id')})`,
    `SESSION_TOKEN=$(curl -s -b "$COOKIES" -X POST "$FRONTEND_API/v1/client/sessions/$SESSION_ID/tokens" | ${readJson('jwt')})`,
    `node -p 'JSON.parse(Buffer.from(process.argv[1].split(".")[1], "base64url"))' "$SESSION_TOKEN"`,
  ];
}

/**
 * Returns the last lines that `npm start` prints before the requests.
 *
 * @param pid the process that runs the stack. npm runs it below a shell, which does not pass SIGTERM on.
 */
export function endText(pid: number): string {
  return [
    `Ctrl-C stops it and keeps what is stored; a script stops it with "kill ${pid}". "npm start -- --fresh" starts empty.`,
    '"npm start -- --show", in another terminal, prints all of this again. Requests:',
  ].join('\n');
}

/** Returns the URLs and keys of a run, and the story to paste. */
export function storyText(instance: LocalInstance): string {
  const { baseUrl, secretKey, publishableKey, userIds, allowedOrigin } = instance;
  return [
    '',
    `  playground       ${styleText(['bold', 'underline'], `${baseUrl}/`)} — try everything in a browser`,
    `  API              ${baseUrl}`,
    `  secret key       ${secretKey}`,
    `  publishable key  ${publishableKey}`,
    `  users            ${userIds.join('\n                   ')}`,
    `  allowed origin   ${allowedOrigin}`,
    '',
    'Or paste this into another terminal. It creates an actor token for the first user, redeems its ticket with a cookie jar,',
    'gets a session token, and decodes it.',
    '',
    ...curlStory(instance),
  ].join('\n');
}
