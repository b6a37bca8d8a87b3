// The answers that depend on configuration only. Source of the members of the OpenID configuration: Clerk's public OpenAPI document.
import * as v from 'valibot';
import { idOf, resource, url } from '../../shared/base/answer-schema.ts';

export const openidConfigurationAnswer = v.strictObject({
  issuer: url,
  jwks_uri: url,
  authorization_endpoint: url,
  token_endpoint: url,
  revocation_endpoint: url,
  introspection_endpoint: url,
  userinfo_endpoint: url,
  scopes_supported: v.array(v.literal('openid')),
  response_types_supported: v.array(v.literal('none')),
  response_modes_supported: v.array(v.literal('query')),
  grant_types_supported: v.array(v.literal('urn:ietf:params:oauth:grant-type:jwt-bearer')),
  subject_types_supported: v.array(v.literal('public')),
  id_token_signing_alg_values_supported: v.array(v.literal('RS256')),
  token_endpoint_auth_methods_supported: v.array(v.literal('none')),
  claims_supported: v.array(v.string()),
  code_challenge_methods_supported: v.array(v.literal('S256')),
  backchannel_logout_supported: v.literal(false),
  frontchannel_logout_supported: v.literal(false),
});

export const devBrowserAnswer = resource('dev_browser', { id: idOf('dvb'), token: idOf('dvb') });

export const healthAnswer = v.strictObject({ status: v.literal('healthy') });

export const openapiAnswer = v.pipe(
  v.looseObject({ openapi: v.string(), info: v.unknown(), paths: v.unknown() }),
  v.description('This document.'),
);
