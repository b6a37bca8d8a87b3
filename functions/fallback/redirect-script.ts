// Clerk's React loaders request its scripts from the Frontend API's host. Only those are redirected, to a public CDN.
import { ApiError } from '../../shared/base/errors.ts';
import { publicApi } from '../../shared/http/public-api.ts';

const CDN = 'https://cdn.jsdelivr.net/npm';
/** A package of Clerk, its version, and a file in it. No segment begins with a dot, so no path leaves the package. */
const CLERK_FILE = /^@clerk\/[a-z-]+@[\w.-]+(?:\/(?!\.)[\w.-]+)+$/;

export const RedirectScript = publicApi('RedirectScript', async ({ pathParameter }) => {
  const file = pathParameter('proxy');
  if (!CLERK_FILE.test(file)) throw new ApiError('resource_not_found');
  return { status: 307, headers: { location: `${CDN}/${file}`, 'cache-control': 'public, max-age=300' } };
});
