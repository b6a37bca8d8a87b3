// clerk-js sends the id with every later request. It is ignored there, because the client cookie identifies the browser. Older versions
// of clerk-js read `token`, newer ones `id`.
import type * as v from 'valibot';
import { newId } from '../../shared/base/ids.ts';
import { frontendApi } from '../../shared/http/frontend-api.ts';
import type { devBrowserAnswer } from './answers.ts';

export const CreateDevBrowser = frontendApi('CreateDevBrowser', async ({ now }) => {
  const id = newId('dvb', now);
  return { body: { object: 'dev_browser', id, token: id } satisfies v.InferOutput<typeof devBrowserAnswer> };
});
