// What anyone may ask, and everything that no operation has.
import { dispatch } from './dispatch.ts';
import { acceptTicket } from './public/accept-ticket.ts';
import { getEnvironment } from './public/get-environment.ts';
import { getHealth } from './public/get-health.ts';
import { getJwks } from './public/get-jwks.ts';
import { getOpenidConfiguration } from './public/get-openid-configuration.ts';

export const handler = dispatch('public', {
  GetEnvironment: getEnvironment,
  AcceptTicket: acceptTicket,
  GetJwks: getJwks,
  GetOpenidConfiguration: getOpenidConfiguration,
  GetHealth: getHealth,
});
