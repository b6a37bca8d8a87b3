// What follows from the configuration alone, and everything that no operation has. It may do nothing in AWS, and carries no SDK.
import { dispatch } from './dispatch.ts';
import { createDevBrowser } from './static/create-dev-browser.ts';
import { getEnvironment, updateEnvironment } from './static/get-environment.ts';
import { getHealth } from './static/get-health.ts';
import { getImpersonationBanner } from './static/get-impersonation-banner.ts';
import { getOpenapi } from './static/get-openapi.ts';
import { getOpenidConfiguration } from './static/get-openid-configuration.ts';
import { redirectScript } from './static/redirect-script.ts';

export const handler = dispatch('static', {
  GetEnvironment: getEnvironment,
  UpdateEnvironment: updateEnvironment,
  CreateDevBrowser: createDevBrowser,
  RedirectScript: redirectScript,
  GetImpersonationBanner: getImpersonationBanner,
  GetOpenidConfiguration: getOpenidConfiguration,
  GetOpenapi: getOpenapi,
  GetHealth: getHealth,
});
