// What follows from the configuration alone, and everything that no operation has. It may do nothing in AWS, and carries no SDK.
import { dispatch } from './dispatch.ts';
import { createDevBrowser } from './fallback/create-dev-browser.ts';
import { getEnvironment, updateEnvironment } from './fallback/get-environment.ts';
import { getHealth } from './fallback/get-health.ts';
import { getImpersonationBanner } from './fallback/get-impersonation-banner.ts';
import { getOpenapi } from './fallback/get-openapi.ts';
import { getOpenidConfiguration } from './fallback/get-openid-configuration.ts';
import { redirectScript } from './fallback/redirect-script.ts';

export const handler = dispatch('fallback', {
  GetEnvironment: getEnvironment,
  UpdateEnvironment: updateEnvironment,
  CreateDevBrowser: createDevBrowser,
  RedirectScript: redirectScript,
  GetImpersonationBanner: getImpersonationBanner,
  GetOpenidConfiguration: getOpenidConfiguration,
  GetOpenapi: getOpenapi,
  GetHealth: getHealth,
});
