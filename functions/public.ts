// What anyone may ask, and everything that no operation has.
import { dispatch } from './dispatch.ts';
import { acceptTicket } from './public/accept-ticket.ts';
import { createDevBrowser } from './public/create-dev-browser.ts';
import { createSignUp } from './public/create-sign-up.ts';
import { getEnvironment, updateEnvironment } from './public/get-environment.ts';
import { getHealth } from './public/get-health.ts';
import { getImpersonationBanner } from './public/get-impersonation-banner.ts';
import { getJwks } from './public/get-jwks.ts';
import { getOpenidConfiguration } from './public/get-openid-configuration.ts';
import { redirectScript } from './public/redirect-script.ts';

export const handler = dispatch('public', {
  GetEnvironment: getEnvironment,
  UpdateEnvironment: updateEnvironment,
  CreateSignUp: createSignUp,
  CreateDevBrowser: createDevBrowser,
  RedirectScript: redirectScript,
  AcceptTicket: acceptTicket,
  GetImpersonationBanner: getImpersonationBanner,
  GetJwks: getJwks,
  GetOpenidConfiguration: getOpenidConfiguration,
  GetHealth: getHealth,
});
