import { fromEnv } from '@aws-sdk/credential-provider-env';

/**
 * Replaces `@aws-sdk/credential-provider-node`. A Lambda function has credentials in its environment only. The SDK's default chain
 * contains four more AWS clients (SSO, OIDC, STS, sign-in): 130 KB that every cold start would load and no request could use.
 */
export const defaultProvider = fromEnv;
