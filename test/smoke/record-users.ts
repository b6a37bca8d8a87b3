// Records every user that the tests create, so that `npm run smoke` can delete them at the end.
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';

const { fetch } = globalThis;

globalThis.fetch = async (...args) => {
  const request = new Request(...args);
  const isCreateUser = request.method === 'POST' && new URL(request.url).pathname.endsWith('/v1/users');
  const response = await fetch(request);
  if (isCreateUser && response.ok) {
    const { id } = (await response.clone().json()) as { readonly id: string };
    await appendFile(join(process.env.SMOKE_DIRECTORY ?? '', 'users'), `${id}\n`);
  }
  return response;
};
