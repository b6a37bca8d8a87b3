// `<script src="…/v1/impersonation-banner.js" async></script>` in any page of an allowed origin.
import { publicApi } from '../../shared/http/public-api.ts';
import script from './impersonation-banner/banner.browser.js' with { type: 'text' };

/** The name in the script that stands for the instance's limit. */
const INACTIVITY = '__INACTIVITY_IN_SECONDS__';

export const GetImpersonationBanner = publicApi('GetImpersonationBanner', async ({ instance }) => ({
  text: script.replace(INACTIVITY, String(instance.inactivityInSeconds)),
  headers: {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=300',
    'cross-origin-resource-policy': 'cross-origin',
  },
}));
