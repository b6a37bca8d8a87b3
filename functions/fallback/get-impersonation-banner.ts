// Pages of an allowed origin load it by `<script src="…/v1/impersonation-banner.js" async></script>`.
import { publicApi } from '../../shared/http/public-api.ts';
import script from './impersonation-banner/banner.browser.js' with { type: 'text' };

/** The placeholder in the script for the instance's limit. */
const INACTIVITY = '__INACTIVITY_IN_SECONDS__';

export const GetImpersonationBanner = publicApi('GetImpersonationBanner', async ({ instance }) => ({
  text: script.replace(INACTIVITY, String(instance.inactivityInSeconds)),
  headers: {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=300',
  },
}));
