import type { Instance } from '../../shared/base/instance.ts';
import { allowedRedirect } from '../../shared/http/redirect.ts';

/**
 * The page to go to after the sign-in: the one `redirect_url` of the parameters, if its origin is allowed, else the app's. Undefined
 * without either. An invalid `redirect_url` is ignored; sign-in works without it.
 */
export function onwardUrl(params: URLSearchParams, instance: Instance): URL | undefined {
  const { appUrl } = instance;
  return allowedRedirect(params, instance) ?? (appUrl === undefined ? undefined : new URL(appUrl));
}
