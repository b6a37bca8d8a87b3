// The body is bare, without the `response` envelope.
import type { Instance } from '../../shared/base/instance.ts';
import { lazily } from '../../shared/base/lazily.ts';
import { frontendApi } from '../../shared/http/frontend-api.ts';
import { commonEnvironment } from '../defined-when-built.ts';

const common = lazily(commonEnvironment);

/** The settings of an instance, in the form in which clerk-js reads them. */
export function environmentJson(instance: Instance): object {
  const { id, applicationName, signInUrl, appUrl, logoUrl = '', nativeClients } = instance;
  const { auth_config: authConfig, display_config: displayConfig } = common();
  return {
    ...common(),
    auth_config: {
      ...authConfig,
      id,
      native_settings: { ...authConfig.native_settings, api_enabled: nativeClients },
    },
    display_config: {
      ...displayConfig,
      id,
      application_name: applicationName,
      logo_image_url: logoUrl,
      home_url: appUrl ?? (signInUrl ? new URL(signInUrl).origin : ''),
      sign_in_url: signInUrl ?? '',
    },
  };
}

export const GetEnvironment = frontendApi('GetEnvironment', async ({ instance }) => ({
  body: environmentJson(instance),
}));
