// Pages of an allowed origin load it by `<script src="…/v1/impersonation-banner.js" async></script>`.
import { lazily } from '../../shared/base/lazily.ts';
import { NOT_BLANK, PRINTABLE_UNIT } from '../../shared/base/printable.ts';
import { keptAnswer } from '../../shared/http/kept-answer.ts';
import { publicApi } from '../../shared/http/public-api.ts';
import script from './impersonation-banner/banner.browser.js' with { type: 'text' };
import style from './impersonation-banner/banner.css' with { type: 'text' };

/**
 * The script, with its style, and with the same patterns for names as the accept page. The values are functions, because `$` has a meaning
 * in texts.
 */
const ownScript = lazily(() =>
  script
    .replace(/(["'`])__STYLE__\1/, () => JSON.stringify(style))
    .replace('__NOT_BLANK__', () => NOT_BLANK.source)
    .replace('__PRINTABLE_UNIT__', () => PRINTABLE_UNIT),
);

/** The placeholder in the script for the instance's limit. */
const INACTIVITY = '__INACTIVITY_IN_SECONDS__';

export const GetImpersonationBanner = publicApi('GetImpersonationBanner', async (request) => {
  const content = ownScript().replace(INACTIVITY, String(request.instance.inactivityInSeconds));
  return keptAnswer({ content, type: 'text/javascript; charset=utf-8' }, request);
});
