/** `npm run example:own-session` */
import { runExample } from '../command.ts';
import { startOwnSessionExample } from './run.ts';

await runExample([4030, 4031], startOwnSessionExample, async ({ app, local, createLink }) => [
  `  app              ${app.endpoint}`,
  `  Frontend API     ${local.instance.frontendApiUrl}`,
  '',
  `Log in on ${app.endpoint} as Kim Support. Then open this link, which works once, and press its button. You then act as Ada Lovelace.`,
  '',
  `  ${await createLink('customer_ada', 'staff_kim')}`,
  '',
  'Change the note, then try to change the e-mail address. Press Stop: you are Kim again.',
]);
