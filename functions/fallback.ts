// Responses that depend on configuration only, and the fallback for unknown routes. No AWS permissions, no SDK.
import { dispatch } from './dispatch.ts';
import { CreateDevBrowser } from './fallback/create-dev-browser.ts';
import { GetEnvironment } from './fallback/get-environment.ts';
import { GetHealth } from './fallback/get-health.ts';
import { GetImpersonationBanner } from './fallback/get-impersonation-banner.ts';
import { GetOpenapi } from './fallback/get-openapi.ts';
import { GetOpenidConfiguration } from './fallback/get-openid-configuration.ts';
import { NotFoundWithReason } from './fallback/not-found-with-reason.ts';
import { RedirectScript } from './fallback/redirect-script.ts';
import { UpdateEnvironment } from './fallback/update-environment.ts';
import { ownInstance } from './own-instance.ts';

export const lambda = dispatch(
  ROUTES_OF_FALLBACK,
  {
    GetEnvironment,
    UpdateEnvironment,
    CreateDevBrowser,
    RedirectScript,
    GetImpersonationBanner,
    GetOpenidConfiguration,
    GetOpenapi,
    GetHealth,
  },
  NotFoundWithReason,
);
export const handler = lambda(ownInstance);
