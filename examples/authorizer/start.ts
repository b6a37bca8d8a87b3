/** `npm run example:authorizer` */
import { runExample } from '../command.ts';
import { type AuthorizerExample, startAuthorizerExample } from './run.ts';

const member = (name: string) => `node -p 'JSON.parse(require("fs").readFileSync(0)).${name}'`;

/** No comments in it: an interactive zsh would take them for commands. */
function curlStory({ notes, local }: AuthorizerExample): readonly string[] {
  const { baseUrl, frontendApiUrl, secretKey, userIds, allowedOrigin } = local.instance;
  return [
    `API=${baseUrl}`,
    `FRONTEND_API=${frontendApiUrl}`,
    `NOTES=${notes.endpoint}/notes`,
    `SECRET_KEY=${secretKey}`,
    `USER_ID=${userIds[0]}`,
    'COOKIES=$(mktemp)',
    `TICKET=$(curl -s "$API/v1/actor_tokens" -H "Authorization: Bearer $SECRET_KEY" -H 'Content-Type: application/json' -d '{"user_id":"'"$USER_ID"'","actor":{"sub":"user_support"}}' | ${member('token')})`,
    `SESSION_ID=$(curl -s -c "$COOKIES" -H 'Origin: ${allowedOrigin}' "$FRONTEND_API/v1/client/sign_ins" -d strategy=ticket -d "ticket=$TICKET" | ${member('response.created_session_id')})`,
    `SESSION_TOKEN=$(curl -s -b "$COOKIES" -H 'Origin: ${allowedOrigin}' -X POST "$FRONTEND_API/v1/client/sessions/$SESSION_ID/tokens" | ${member('jwt')})`,
    `curl -si "$NOTES"`,
    `curl -si "$NOTES" -H "Authorization: Bearer $TICKET"`,
    `curl -si "$NOTES" -H "Authorization: Bearer $SESSION_TOKEN"`,
    `curl -si "$NOTES" -H "Authorization: Bearer $SESSION_TOKEN" -d 'a note'`,
  ];
}

await runExample([4010, 4011], startAuthorizerExample, async (example) => [
  `  notes API        ${example.notes.endpoint}`,
  `  Frontend API     ${example.local.instance.frontendApiUrl}`,
  '',
  'Paste this into another terminal. It gets a session token of somebody who acts as a user, and asks the notes API without',
  'a token (401), with the ticket (403), with the session token (200: see what the function was handed), and to write (403).',
  '',
  ...curlStory(example),
]);
