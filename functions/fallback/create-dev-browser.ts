// POST /v1/dev_browser
// With a development key clerk-js asks for an id before anything else and then names it in every request, where it is ignored:
// the client cookie says which browser it is. Older clients read `token`, newer ones `id`.

import { newId } from '../../shared/base/ids.ts';
import { frontendApi } from '../../shared/http/frontend-api.ts';

export const createDevBrowser = frontendApi('CreateDevBrowser', async ({ now }) => {
  const id = newId('dvb', now);
  return { body: { object: 'dev_browser', id, token: id } };
});
