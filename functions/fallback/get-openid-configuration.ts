// Verifiers find the keys by `issuer` and `jwks_uri`. Clerk's schema requires the OAuth endpoints and what they support. This product does
// not have them, but no list may be empty (OpenID Connect Discovery 1.0 section 4.2, RFC 8414 section 3.2). So the lists have the values
// that promise least: `none` is the response type without a code and without a token, to which no grant type but `jwt-bearer` fits (RFC
// 7591 section 2.1); a ticket is a JWT that is exchanged for a session.
import type * as v from 'valibot';
import { keptAnswer } from '../../shared/http/kept-answer.ts';
import { publicApi } from '../../shared/http/public-api.ts';
import type { openidConfigurationAnswer } from './answers.ts';

export const GetOpenidConfiguration = publicApi('GetOpenidConfiguration', async (request) => {
  const issuer = request.instance.frontendApiUrl;
  const body: v.InferOutput<typeof openidConfigurationAnswer> = {
    issuer,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    authorization_endpoint: `${issuer}/oauth/authorize`,
    token_endpoint: `${issuer}/oauth/token`,
    revocation_endpoint: `${issuer}/oauth/token/revoke`,
    introspection_endpoint: `${issuer}/oauth/token_info`,
    userinfo_endpoint: `${issuer}/oauth/userinfo`,
    scopes_supported: ['openid'],
    response_types_supported: ['none'],
    response_modes_supported: ['query'],
    grant_types_supported: ['urn:ietf:params:oauth:grant-type:jwt-bearer'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['none'],
    claims_supported: ['act', 'azp', 'exp', 'fva', 'iat', 'iss', 'nbf', 'sid', 'sts', 'sub', 'v'],
    code_challenge_methods_supported: ['S256'],
    backchannel_logout_supported: false,
    frontchannel_logout_supported: false,
  };
  return keptAnswer({ content: JSON.stringify(body), type: 'application/json' }, request);
});
