// The settings that all instances have in common. No bundle contains this file: they are compressed when the bundles are built. Source of
// the members: Clerk's public OpenAPI document, which allows no others, and with which strict readers, such as Clerk's clients for iOS,
// compare the answer. So each is here, also of the features that this product does not have.

const disabled = { enabled: false };
const unbilled = { enabled: false, has_paid_plans: false };

/** An attribute that nobody can enter, change or sign in with. Clerk's `<UserProfile/>` shows it if it is enabled. */
function attribute(enabled: boolean) {
  return {
    enabled,
    required: false,
    used_for_first_factor: false,
    first_factors: [],
    used_for_second_factor: false,
    second_factors: [],
    verifications: [],
    verify_at_sign_up: false,
    immutable: true,
  };
}

const authConfig = {
  object: 'auth_config',
  first_name: 'off',
  last_name: 'off',
  email_address: 'on',
  phone_number: 'off',
  username: 'off',
  password: 'off',
  identification_requirements: [],
  identification_strategies: [],
  first_factors: ['ticket'],
  second_factors: [],
  email_address_verification_strategies: [],
  single_session_mode: true,
  enhanced_email_deliverability: false,
  test_mode: false,
  url_based_session_syncing: false,
  claimed_at: null,
  reverification: false,
  native_settings: {
    object: 'native_settings',
    trusted_device_sign_in_enabled: false,
    trusted_device_enrollment_prompt_after_sign_in_enabled: false,
    trusted_device_enrollment_prompt_after_sign_up_enabled: false,
  },
};

const displayConfig = {
  object: 'display_config',
  instance_environment_type: 'production',
  theme: {},
  // Clerk knows `password` and `otp`. A ticket can be used once, and nobody has a password.
  preferred_sign_in_strategy: 'otp',
  // Clerk's client for iOS refuses an environment in which this is null.
  logo_image_url: '',
  favicon_image_url: '',
  sign_up_url: '',
  user_profile_url: '',
  waitlist_url: '',
  oauth_consent_url: '',
  after_sign_in_url: '',
  after_sign_up_url: '',
  after_sign_out_one_url: '',
  after_sign_out_all_url: '',
  after_switch_session_url: '',
  after_join_waitlist_url: '',
  organization_profile_url: '',
  create_organization_url: '',
  after_leave_organization_url: '',
  after_create_organization_url: '',
  logo_link_url: '',
  support_email: null,
  branded: false,
  experimental_force_oauth_first: false,
  clerk_js_version: null,
  show_devmode_warning: false,
  google_one_tap_client_id: null,
  help_url: null,
  privacy_policy_url: null,
  terms_url: null,
  logo_url: null,
  favicon_url: null,
  logo_image: null,
  favicon_image: null,
  captcha_public_key: null,
  captcha_widget_type: null,
  captcha_public_key_invisible: null,
  captcha_provider: null,
  captcha_oauth_bypass: [],
  captcha_heartbeat: false,
};

const userSettings = {
  // Of what users have, only the e-mail addresses are enabled. Clerk's `<UserProfile/>` shows a name only as a form, which cannot work
  // here, and would show an empty section for each user without a phone number.
  attributes: {
    email_address: attribute(true),
    phone_number: attribute(false),
    username: attribute(false),
    web3_wallet: attribute(false),
    first_name: attribute(false),
    last_name: attribute(false),
    password: attribute(false),
    authenticator_app: attribute(false),
    ticket: attribute(true),
    backup_code: attribute(false),
    passkey: attribute(false),
  },
  social: {},
  saml: disabled,
  enterprise_sso: disabled,
  sign_in: { second_factor: { required: false } },
  sign_up: {
    captcha_enabled: false,
    captcha_widget_type: 'smart',
    custom_action_required: false,
    progressive: true,
    mode: 'restricted',
    legal_consent_enabled: false,
  },
  restrictions: {
    allowlist: disabled,
    blocklist: disabled,
    allowlist_blocklist_disabled_on_sign_in: disabled,
    block_email_subaddresses: disabled,
    block_disposable_email_domains: disabled,
  },
  password_settings: {
    disable_hibp: true,
    disable_password_reverification: true,
    min_length: 0,
    max_length: 0,
    require_special_char: false,
    require_numbers: false,
    require_uppercase: false,
    require_lowercase: false,
    show_zxcvbn: false,
    min_zxcvbn_strength: 0,
    enforce_hibp_on_sign_in: false,
    allowed_special_characters: '',
  },
  username_settings: {
    min_length: null,
    max_length: null,
    allow_extended_special_characters: false,
    allow_numeric_usernames: false,
  },
  actions: { delete_self: false, create_organization: false, create_organizations_limit: null },
  attack_protection: {
    user_lockout: { enabled: false, max_attempts: 0, duration_in_minutes: 0 },
    pii: disabled,
    email_link: { require_same_client: false },
    enumeration_protection: disabled,
  },
  passkey_settings: { allow_autofill: false, show_sign_in_button: false, satisfies_second_factor: false },
};

export const commonEnvironment = {
  auth_config: authConfig,
  display_config: displayConfig,
  user_settings: userSettings,
  organization_settings: {
    enabled: false,
    max_allowed_memberships: 0,
    actions: { admin_delete: false },
    domains: { enabled: false, enrollment_modes: [], default_role: '' },
    slug: { disabled: true },
    creator_role: '',
  },
  fraud_settings: { object: 'fraud_settings', native: { device_attestation_mode: 'disabled' } },
  commerce_settings: {
    billing: {
      stripe_publishable_key: null,
      free_trial_requires_payment_method: false,
      user: unbilled,
      organization: unbilled,
    },
  },
  api_keys_settings: { enabled: false, user_api_keys_enabled: false, orgs_api_keys_enabled: false },
  protect_config: { loaders: [] },
  client_debug_mode: false,
  partitioned_cookies: false,
  maintenance_mode: false,
};

export type CommonEnvironment = typeof commonEnvironment;
