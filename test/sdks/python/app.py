"""What an app does with Clerk's Python SDK, and with PyJWT alone. docs/clients.md shows these lines; checks.py runs them."""

# docs: sdk
from clerk_backend_api import Clerk
from clerk_backend_api.security import authenticate_request
from clerk_backend_api.security.types import AuthenticateRequestOptions


def open_clerk(api_url, secret_key):
    return Clerk(bearer_auth=secret_key, server_url=f"{api_url}/v1")


def create_link(clerk, user_id, actor_sub):
    request = {"user_id": user_id, "actor": {"sub": actor_sub}, "expires_in_seconds": 600}
    return clerk.actor_tokens.create(request=request).url


def authenticate(request, session_key, origin):
    """Never give it the secret_key. session_key is the PEM of `npm run signing-keys -- pem`."""
    return authenticate_request(
        request,
        AuthenticateRequestOptions(
            jwt_key=session_key,
            authorized_parties=[origin],
            accepts_token=["session_token"],
        ),
    )
# end


# docs: sdk-jwks
from clerk_backend_api.security import verify_token
from clerk_backend_api.security.types import VerifyTokenOptions


def verify_by_jwks(token, api_url, secret_key, origin):
    options = VerifyTokenOptions(secret_key=secret_key, api_url=api_url, authorized_parties=[origin])
    return verify_token(token, options)
# end


# docs: pyjwt
import jwt


def open_keys(issuer):
    return jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json")


def verify(token, keys, issuer, origin):
    key = keys.get_signing_key_from_jwt(token)
    required = {"require": ["exp", "iat", "nbf", "iss", "sub", "sid"]}
    claims = jwt.decode(token, key, algorithms=["RS256"], issuer=issuer, options=required)
    if claims.get("azp") != origin:
        raise jwt.InvalidTokenError("The token was not issued to this app's pages.")
    return claims
# end
