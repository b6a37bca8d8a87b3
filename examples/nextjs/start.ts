/** `npm run example:nextjs` */
import { runExample } from '../command.ts';
import { createLink } from '../create-link.ts';
import { startNextExample } from './run.ts';

await runExample([4120, 4121], startNextExample, async ({ origin, local }) => [
  `  app              ${origin}`,
  `  Frontend API     ${local.instance.frontendApiUrl}`,
  '',
  'Open this link, which works once, and press the button on its page. You are then Ada Lovelace, and every page shows that you act as her.',
  '',
  `  ${(await createLink(local.instance, 'user_support')).url}`,
]);
