/** `npm run example:react` */
import { runExample } from '../command.ts';
import { createLink } from '../create-link.ts';
import { startReactExample } from './run.ts';

await runExample([4100, 4101], startReactExample, async ({ app, local }) => [
  `  app              ${app.endpoint}`,
  `  Frontend API     ${local.instance.frontendApiUrl}`,
  '',
  'Open this link, which works once, and press the button on its page. You are then Ada Lovelace, and every page shows that you act as her.',
  '',
  `  ${(await createLink(local.instance, 'user_support')).url}`,
]);
