// GET /v1/environment
// What clerk-js asks first. Bare, without the `response` envelope. Source of members: Clerk's public OpenAPI document.
import { config } from '../../shared/base/config.ts';
import { frontendApi } from '../../shared/http/frontend-api.ts';

const environment = {
  body: {
    object: 'environment',
    id: config.instanceId,
    maintenance_mode: false,
    auth_config: {
      object: 'auth_config',
      id: config.instanceId,
      single_session_mode: true,
      claimed_at: null,
      reverification: false,
    },
    display_config: {
      object: 'display_config',
      id: config.instanceId,
      instance_environment_type: 'production',
      application_name: config.applicationName,
      home_url: config.signInUrl ? new URL(config.signInUrl).origin : '',
      sign_in_url: config.signInUrl ?? '',
      sign_up_url: '',
      after_sign_in_url: '',
      after_sign_up_url: '',
      theme: {},
      branded: false,
      captcha_public_key: null,
      captcha_oauth_bypass: [],
    },
    user_settings: {
      attributes: {},
      social: {},
      sign_in: { second_factor: { required: false } },
      sign_up: { mode: 'restricted', captcha_enabled: false, progressive: true },
      actions: { delete_self: false, create_organization: false },
      restrictions: {
        allowlist: { enabled: false },
        blocklist: { enabled: false },
        block_email_subaddresses: { enabled: false },
        block_disposable_email_domains: { enabled: false },
        ignore_dots_for_gmail_addresses: { enabled: false },
      },
    },
    organization_settings: { enabled: false },
  },
};

export const getEnvironment = frontendApi('GetEnvironment', async () => environment);

// PATCH /v1/environment
// What clerk-js asks with a development key. There is nothing to change.
export const updateEnvironment = frontendApi('UpdateEnvironment', async () => environment);
