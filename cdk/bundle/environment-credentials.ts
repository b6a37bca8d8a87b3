import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * Stands in for `@aws-sdk/credential-provider-node` in the bundles (cdk/bundle/bundle.ts). A Lambda only ever has the credentials of
 * its environment; the SDK's default chain would bring along four more AWS clients (SSO, OIDC, STS, sign-in), 130 KB that
 * every cold start would load and none could use.
 */
export const defaultProvider = fromEnv;
