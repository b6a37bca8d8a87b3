/** `npm run example:express` */
import { runExample } from '../command.ts';
import { startExpressExample } from './run.ts';

await runExample([4000, 4001], startExpressExample, async ({ app, local, createLink }) => [
  `  app              ${app.endpoint}`,
  `  Frontend API     ${local.instance.frontendApiUrl}`,
  '',
  'Open this link, which works once, and press the button on both pages. You are then Ada Lovelace, and every page shows that you act as her.',
  '',
  `  ${await createLink('user_support')}`,
  '',
  `Then try to change her e-mail address on ${app.endpoint}/account.`,
]);
