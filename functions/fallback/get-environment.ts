// The body is bare, without the `response` envelope.
import type * as v from 'valibot';
import type { Instance } from '../../shared/base/instance.ts';
import { frontendApi } from '../../shared/http/frontend-api.ts';
import type { environmentAnswer } from './answers.ts';

type Environment = v.InferOutput<typeof environmentAnswer>;

const DISABLED = { enabled: false } as const;

/** The features that clerk-js can offer to users. This instance offers none of them. */
const USER_SETTINGS: Environment['user_settings'] = {
  attributes: {},
  social: {},
  sign_in: { second_factor: { required: false } },
  sign_up: { mode: 'restricted', captcha_enabled: false, progressive: true },
  actions: { delete_self: false, create_organization: false },
  restrictions: {
    allowlist: DISABLED,
    blocklist: DISABLED,
    block_email_subaddresses: DISABLED,
    block_disposable_email_domains: DISABLED,
    ignore_dots_for_gmail_addresses: DISABLED,
  },
};

/** The settings of an instance, in the form in which clerk-js reads them. */
export function environmentJson({ id, applicationName, signInUrl }: Instance): Environment {
  return {
    object: 'environment',
    id,
    maintenance_mode: false,
    auth_config: { object: 'auth_config', id, single_session_mode: true, claimed_at: null, reverification: false },
    display_config: {
      object: 'display_config',
      id,
      instance_environment_type: 'production',
      application_name: applicationName,
      home_url: signInUrl ? new URL(signInUrl).origin : '',
      sign_in_url: signInUrl ?? '',
      sign_up_url: '',
      after_sign_in_url: '',
      after_sign_up_url: '',
      theme: {},
      branded: false,
      captcha_public_key: null,
      captcha_oauth_bypass: [],
    },
    user_settings: USER_SETTINGS,
    organization_settings: DISABLED,
  };
}

export const GetEnvironment = frontendApi('GetEnvironment', async ({ instance }) => ({
  body: environmentJson(instance),
}));
