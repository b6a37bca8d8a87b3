// Pages of an allowed origin load it by `<script src="…/v1/impersonation-banner.js" async></script>`.
import { PRINTABLE_UNIT } from '../../shared/base/printable.ts';
import { publicApi } from '../../shared/http/public-api.ts';
import script from './impersonation-banner/banner.browser.js' with { type: 'text' };

/** The placeholders in the script for the instance's limit, and for the pattern of what may be shown. */
const INACTIVITY = '__INACTIVITY_IN_SECONDS__';
const UNIT = '__PRINTABLE_UNIT__';

export const GetImpersonationBanner = publicApi('GetImpersonationBanner', async ({ instance }) => ({
  text: script.replace(INACTIVITY, String(instance.inactivityInSeconds)).replace(UNIT, () => PRINTABLE_UNIT),
  headers: {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=300',
  },
}));
