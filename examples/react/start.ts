/** `npm run example:react` */
import { runExample } from '../command.ts';
import { startReactExample } from './run.ts';

await runExample([4100, 4101], startReactExample, async ({ app, local, createLink }) => [
  `  app              ${app.endpoint}`,
  `  Frontend API     ${local.instance.frontendApiUrl}`,
  '',
  'Open this link, which works once, and press the button on its page. You are then Ada Lovelace, and every page shows that you act as her.',
  '',
  `  ${(await createLink('user_support')).url}`,
]);
