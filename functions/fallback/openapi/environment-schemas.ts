import { anyObject, constant, emptyList, exactly, id, nothing, resource, text } from './json-schema.ts';

/** No member of it that is empty here ever has another value. */
const empty = { ...anyObject, maxProperties: 0 };
const off = exactly({ enabled: constant(false) });

export const environmentSchemas = {
  Environment: resource('environment', {
    id: id('ins'),
    maintenance_mode: constant(false),
    auth_config: resource('auth_config', {
      id: id('ins'),
      single_session_mode: constant(true),
      claimed_at: nothing,
      reverification: constant(false),
    }),
    display_config: resource('display_config', {
      id: id('ins'),
      instance_environment_type: constant('production'),
      application_name: text,
      home_url: text,
      sign_in_url: text,
      sign_up_url: constant(''),
      after_sign_in_url: constant(''),
      after_sign_up_url: constant(''),
      theme: empty,
      branded: constant(false),
      captcha_public_key: nothing,
      captcha_oauth_bypass: emptyList,
    }),
    user_settings: exactly({
      attributes: empty,
      social: empty,
      sign_in: exactly({ second_factor: exactly({ required: constant(false) }) }),
      sign_up: exactly({
        mode: constant('restricted'),
        captcha_enabled: constant(false),
        progressive: constant(true),
      }),
      actions: exactly({ delete_self: constant(false), create_organization: constant(false) }),
      restrictions: exactly({
        allowlist: off,
        blocklist: off,
        block_email_subaddresses: off,
        block_disposable_email_domains: off,
        ignore_dots_for_gmail_addresses: off,
      }),
    }),
    organization_settings: off,
  }),
};
