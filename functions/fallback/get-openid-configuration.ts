// Verifiers find the keys by `issuer` and `jwks_uri`. The document must name the OAuth endpoints, but this product does not have them.
import type * as v from 'valibot';
import { publicApi } from '../../shared/http/public-api.ts';
import type { openidConfigurationAnswer } from './answers.ts';

export const GetOpenidConfiguration = publicApi('GetOpenidConfiguration', async ({ instance }) => {
  const issuer = instance.frontendApiUrl;
  const body: v.InferOutput<typeof openidConfigurationAnswer> = {
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
  };
  return { body, headers: { 'cache-control': 'public, max-age=300' } };
});
