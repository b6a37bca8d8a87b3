// GET /.well-known/openid-configuration
// For verifiers that discover the keys: issuer and jwks_uri hold; the OAuth endpoints are named because the document's form
// demands them, and do not exist here. Source of members: Clerk's public OpenAPI document.
import { config } from '../../shared/base/config.ts';
import { publicApi } from '../../shared/http/public-api.ts';

export const getOpenidConfiguration = publicApi('GetOpenidConfiguration', async () => {
  const { issuer } = config;
  return {
    body: {
      issuer,
      jwks_uri: `${issuer}/.well-known/jwks.json`,
      authorization_endpoint: `${issuer}/oauth/authorize`,
      token_endpoint: `${issuer}/oauth/token`,
      revocation_endpoint: `${issuer}/oauth/token/revoke`,
      introspection_endpoint: `${issuer}/oauth/token_info`,
      userinfo_endpoint: `${issuer}/oauth/userinfo`,
      scopes_supported: [],
      response_types_supported: [],
      response_modes_supported: [],
      grant_types_supported: [],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: [],
      claims_supported: ['act', 'azp', 'exp', 'fva', 'iat', 'iss', 'nbf', 'sid', 'sts', 'sub', 'v'],
      code_challenge_methods_supported: [],
      backchannel_logout_supported: false,
      frontchannel_logout_supported: false,
    },
    headers: { 'cache-control': 'public, max-age=300' },
  };
});
