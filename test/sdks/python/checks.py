"""Reads JSON from standard input, calls the API through the SDK, and prints a line of JSON for each rule of ../program.ts."""

import dataclasses
import json
import sys
import uuid

import jwt
from clerk_backend_api import Clerk, models
from clerk_backend_api.security import authenticate_request, verify_token
from clerk_backend_api.security.types import (
    AuthenticateRequestOptions,
    TokenVerificationError,
    TokenVerificationErrorReason as Reason,
    VerifyTokenOptions,
)

import app

given = json.load(sys.stdin)
clerk = app.open_clerk(given["apiUrl"], given["secretKey"])
ACTOR = {"sub": "support_7", "reason": "SUP-1"}


class Request:
    def __init__(self, headers):
        self.headers = headers


def expect(actual, expected):
    if actual != expected:
        raise AssertionError(f"expected {expected!r}, got {actual!r}")


def expect_error(call, error_class, status, code):
    try:
        call()
    except error_class as error:
        body = json.loads(error.body)
        expect((type(error), error.status_code, body["errors"][0]["code"]), (error_class, status, code))
        return error
    raise AssertionError(f"the call was answered, {code} was expected")


def expect_refusal(call, error_class, reason=None):
    try:
        call()
    except error_class as error:
        expect(getattr(error, "reason", None), reason)
        return
    raise AssertionError("the token was accepted")


def an_actor_token():
    request = {"user_id": given["userId"], "actor": ACTOR, "expires_in_seconds": 600}
    return clerk.actor_tokens.create(request=request)


def create():
    token = an_actor_token()
    expect((token.status, token.user_id), ("pending", given["userId"]))
    expect(token.token.count("."), 2)
    link = app.create_link(clerk, given["userId"], "support_7")
    expect(link.split("?ticket=")[0], f"{given['issuer']}/v1/tickets/accept")


def revoke():
    revoked = clerk.actor_tokens.revoke(actor_token_id=an_actor_token().id)
    expect((revoked.status, revoked.token, revoked.url), ("revoked", None, None))


def revoke_twice():
    token_id = an_actor_token().id
    clerk.actor_tokens.revoke(actor_token_id=token_id)
    again = lambda: clerk.actor_tokens.revoke(actor_token_id=token_id)
    error = expect_error(again, models.ClerkErrors, 400, "actor_token_cannot_be_revoked_code")
    expect(error.data.errors[0].code, "actor_token_cannot_be_revoked_code")


def unknown_user():
    request = {"user_id": f"user_{'0' * 27}", "actor": ACTOR}
    # The SDK has a class of its own for 400, 402 and 422 only.
    expect_error(lambda: clerk.actor_tokens.create(request=request), models.SDKError, 404, "resource_not_found")


def faulty_parameter():
    request = {"user_id": given["userId"], "actor": ACTOR, "expires_in_seconds": 0}
    create_faulty = lambda: clerk.actor_tokens.create(request=request)
    error = expect_error(create_faulty, models.ClerkErrors, 422, "form_param_value_invalid")
    expect(error.data.errors[0].long_message.startswith("expires_in_seconds "), True)


def wrong_secret_key():
    stranger = app.open_clerk(given["apiUrl"], "sk_live_" + "x" * 43)
    expect_error(lambda: stranger.users.get(user_id=given["userId"]), models.ClerkErrors, 401, "clerk_key_invalid")


def users():
    external_id = f"python_{uuid.uuid4()}"
    user = clerk.users.create(external_id=external_id, first_name="Ada", email_address=["ada@example.com"])
    expect(clerk.users.get(user_id=user.id).first_name, "Ada")
    wanted = {"external_id": [external_id]}
    expect([each.id for each in clerk.users.list(request=wanted)], [user.id])
    expect(clerk.users.count(request=wanted).total_count, 1)
    expect(clerk.users.ban(user_id=user.id).banned, True)
    expect(clerk.users.unban(user_id=user.id).banned, False)
    expect(clerk.users.delete(user_id=user.id).deleted, True)


def sessions():
    session = clerk.sessions.get(session_id=given["sessionId"])
    expect((session.status, session.user_id), ("active", given["userId"]))
    listed = clerk.sessions.list(user_id=given["userId"])
    expect([each.id for each in listed], [given["sessionId"]])
    token = clerk.sessions.create_token(session_id=given["sessionId"]).jwt
    expect(verify_token(token, VerifyTokenOptions(jwt_key=given["sessionKey"]))["act"], ACTOR)
    # It names no page, so this SDK refuses it where authorized_parties are given.
    options = VerifyTokenOptions(jwt_key=given["sessionKey"], authorized_parties=[given["origin"]])
    expect_refusal(lambda: verify_token(token, options), TokenVerificationError, Reason.TOKEN_INVALID_AUTHORIZED_PARTIES)
    expect(clerk.sessions.revoke(session_id=given["sessionId"]).status, "revoked")


def by_jwks(token):
    return app.verify_by_jwks(token, given["apiUrl"], given["secretKey"], given["origin"])


def jwks():
    claims = by_jwks(given["sessionToken"])
    expect((claims["sub"], claims["act"]), (given["userId"], ACTOR))


def pem():
    claims = verify_token(given["sessionToken"], VerifyTokenOptions(jwt_key=given["sessionKey"]))
    expect((claims["sub"], claims["act"]), (given["userId"], ACTOR))


def authenticated(headers):
    return app.authenticate(Request(headers), given["sessionKey"], given["origin"])


def request():
    for headers in (
        {"Authorization": f"Bearer {given['sessionToken']}"},
        {"cookie": f"theme=dark; __session={given['sessionToken']}"},
        {"cookie": f"__session_AbCdEfGh={given['sessionToken']}"},
    ):
        state = authenticated(headers)
        expect((state.is_signed_in, state.reason), (True, None))
        expect((state.payload["sub"], state.payload["act"]), (given["userId"], ACTOR))
        expect((state.to_auth().sub, hasattr(state.to_auth(), "act")), (given["userId"], False))
    expect(authenticated({}).is_signed_in, False)


REASONS = {
    "expired": Reason.TOKEN_EXPIRED,
    "ofAnotherPage": Reason.TOKEN_INVALID_AUTHORIZED_PARTIES,
    "ofAnotherKey": Reason.TOKEN_INVALID_SIGNATURE,
}


def refused():
    for kind, reason in REASONS.items():
        token = given["refused"][kind]
        state = authenticated({"Authorization": f"Bearer {token}"})
        expect((state.is_signed_in, state.reason), (False, reason))
        expect_refusal(lambda: by_jwks(token), TokenVerificationError, reason)


class Called(Exception):
    """Stands for the request that the SDK would have sent."""


def trap():
    expect(Clerk(bearer_auth="secret").sdk_configuration.get_server_details()[0], "https://api.clerk.com/v1")
    # authenticate_request has no option for the URL of the API …
    options = {field.name for field in dataclasses.fields(AuthenticateRequestOptions)}
    expect("api_url" in options, False)
    # … so with a secret key it sends it to Clerk's host: for a session token without a PEM, and for any API key that a visitor shows.
    secret_only = AuthenticateRequestOptions(secret_key="secret")
    with_pem = AuthenticateRequestOptions(secret_key="secret", jwt_key=given["sessionKey"])
    expect(host_called(given["sessionToken"], secret_only), "api.clerk.com")
    expect(host_called("ak_visitor", with_pem), "api.clerk.com")
    # The lines of docs/clients.md send nothing.
    expect(authenticated({"Authorization": "Bearer ak_visitor"}).reason.name, "TOKEN_TYPE_NOT_SUPPORTED")


def host_called(token, options):
    """Returns the host that the SDK calls with the secret key. The request is stopped before it is sent."""
    import httpx

    sent = []

    def stop(_client, http_request, **_options):
        sent.append((http_request.url.host, http_request.headers["authorization"]))
        raise Called

    send, httpx.Client.send = httpx.Client.send, stop
    try:
        authenticate_request(Request({"Authorization": f"Bearer {token}"}), options)
    except Called:
        pass
    finally:
        httpx.Client.send = send
    [(host, authorization)] = sent
    expect(authorization, "Bearer secret")
    return host


def verifier():
    keys = app.open_keys(given["issuer"])
    claims = app.verify(given["sessionToken"], keys, given["issuer"], given["origin"])
    expect((claims["sub"], claims["act"]), (given["userId"], ACTOR))
    for token in given["refused"].values():
        expect_refusal(lambda: app.verify(token, keys, given["issuer"], given["origin"]), jwt.InvalidTokenError)


# The session is revoked last.
CHECKS = (create, revoke, revoke_twice, unknown_user, faulty_parameter, wrong_secret_key, users, jwks, pem, request, refused, trap, verifier, sessions)

for check in CHECKS:
    error = None
    try:
        check()
    except Exception as exception:  # Whatever it is, it is the result of this rule.
        error = f"{type(exception).__name__}: {exception}"
    print(json.dumps({"rule": check.__name__.replace("_", " "), "error": error}), flush=True)
