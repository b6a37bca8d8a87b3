// GET /v1/impersonation-banner.js
// `<script src="…/v1/impersonation-banner.js" async></script>` in any page of an allowed origin.
import { publicApi } from '../../shared/http/public-api.ts';
import script from './impersonation-banner/banner.browser.js' with { type: 'text' };

export const getImpersonationBanner = publicApi('GetImpersonationBanner', async () => ({
  text: script,
  headers: {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=300',
    'cross-origin-resource-policy': 'cross-origin',
  },
}));
