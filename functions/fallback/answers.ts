// The answers that depend on configuration only. Source of the members of `environment` and of the OpenID configuration: Clerk's public
// OpenAPI document.
import * as v from 'valibot';
import { emptyList, idOf, resource, url } from '../../shared/base/answer-schema.ts';

/** An object that is always empty here. */
const emptyObject = v.strictObject({});
const disabled = v.strictObject({ enabled: v.literal(false) });

export const environmentAnswer = resource('environment', {
  id: idOf('ins'),
  maintenance_mode: v.literal(false),
  auth_config: resource('auth_config', {
    id: idOf('ins'),
    single_session_mode: v.literal(true),
    claimed_at: v.null(),
    reverification: v.literal(false),
  }),
  display_config: resource('display_config', {
    id: idOf('ins'),
    instance_environment_type: v.literal('production'),
    application_name: v.string(),
    home_url: v.string(),
    sign_in_url: v.string(),
    sign_up_url: v.literal(''),
    after_sign_in_url: v.literal(''),
    after_sign_up_url: v.literal(''),
    theme: emptyObject,
    branded: v.literal(false),
    captcha_public_key: v.null(),
    captcha_oauth_bypass: emptyList,
  }),
  user_settings: v.strictObject({
    attributes: emptyObject,
    social: emptyObject,
    sign_in: v.strictObject({ second_factor: v.strictObject({ required: v.literal(false) }) }),
    sign_up: v.strictObject({
      mode: v.literal('restricted'),
      captcha_enabled: v.literal(false),
      progressive: v.literal(true),
    }),
    actions: v.strictObject({ delete_self: v.literal(false), create_organization: v.literal(false) }),
    restrictions: v.strictObject({
      allowlist: disabled,
      blocklist: disabled,
      block_email_subaddresses: disabled,
      block_disposable_email_domains: disabled,
      ignore_dots_for_gmail_addresses: disabled,
    }),
  }),
  organization_settings: disabled,
});

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
