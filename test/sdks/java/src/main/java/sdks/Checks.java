package sdks;

import com.clerk.backend_api.Clerk;
import com.clerk.backend_api.helpers.security.VerifyToken;
import com.clerk.backend_api.helpers.security.models.AuthenticateRequestOptions;
import com.clerk.backend_api.helpers.security.models.ErrorReason;
import com.clerk.backend_api.helpers.security.models.RequestState;
import com.clerk.backend_api.helpers.security.models.TokenVerificationErrorReason;
import com.clerk.backend_api.helpers.security.models.TokenVerificationException;
import com.clerk.backend_api.helpers.security.models.VerifyTokenOptions;
import com.clerk.backend_api.models.components.ActorToken;
import com.clerk.backend_api.models.components.ActorTokenActor;
import com.clerk.backend_api.models.components.ActorTokenStatus;
import com.clerk.backend_api.models.errors.ClerkError;
import com.clerk.backend_api.models.errors.ClerkErrors;
import com.clerk.backend_api.models.errors.SDKError;
import com.clerk.backend_api.models.operations.Actor;
import com.clerk.backend_api.models.operations.CreateActorTokenRequestBody;
import com.clerk.backend_api.models.operations.CreateUserRequestBody;
import com.clerk.backend_api.models.operations.GetSessionListRequest;
import com.clerk.backend_api.models.operations.GetUserListRequest;
import com.clerk.backend_api.models.operations.GetUsersCountRequest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jsonwebtoken.Claims;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.springframework.security.oauth2.jwt.JwtException;

/** Reads JSON from standard input, calls the API through the SDK, and prints a line of JSON for each rule of ../program.ts. */
final class Checks {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Map<String, Object> ACTOR = Map.of("sub", "support_7", "reason", "SUP-1");

    private interface Check {
        void run() throws Exception;
    }

    private final JsonNode given;
    private final Clerk clerk;

    private Checks(JsonNode given) {
        this.given = given;
        this.clerk = App.openClerk(text("apiUrl"), text("secretKey"));
    }

    private String text(String name) {
        return given.get(name).asText();
    }

    private static void expect(Object actual, Object expected) {
        if (!Objects.equals(actual, expected)) throw new AssertionError("expected " + expected + ", got " + actual);
    }

    private static void expectError(Check call, Class<?> errorClass, int status, String code) throws Exception {
        try {
            call.run();
        } catch (ClerkError error) {
            var body = MAPPER.readTree(error.body().orElseThrow());
            expect(error.getClass(), errorClass);
            expect(error.code(), status);
            expect(body.at("/errors/0/code").asText(), code);
            return;
        }
        throw new AssertionError("the call was answered, " + code + " was expected");
    }

    private CreateActorTokenRequestBody.Builder tokenRequest() {
        return CreateActorTokenRequestBody.builder()
            .userId(text("userId")).actor(new Actor("support_7").withAdditionalProperty("reason", "SUP-1"));
    }

    private ActorToken anActorToken() {
        return clerk.actorTokens().create().request(tokenRequest().expiresInSeconds(600L).build()).call().actorToken().orElseThrow();
    }

    private void create() {
        var token = anActorToken();
        expect(token.status(), ActorTokenStatus.PENDING);
        expect(token.token().orElseThrow().split("\\.").length, 3);
        var link = App.createLink(clerk, text("userId"), "support_7");
        expect(link.split("\\?ticket=")[0], text("issuer") + "/v1/tickets/accept");
    }

    private void revoke() {
        var revoked = clerk.actorTokens().revoke(anActorToken().id()).actorToken().orElseThrow();
        expect(revoked.status(), ActorTokenStatus.REVOKED);
        expect(revoked.token(), Optional.empty());
    }

    private void revokeTwice() throws Exception {
        var id = anActorToken().id();
        clerk.actorTokens().revoke(id);
        expectError(() -> clerk.actorTokens().revoke(id), ClerkErrors.class, 400, "actor_token_cannot_be_revoked_code");
    }

    private void unknownUser() throws Exception {
        // The SDK has a class of its own for 400, 402 and 422 only.
        expectError(() -> App.createLink(clerk, "user_" + "0".repeat(27), "support_7"), SDKError.class, 404, "resource_not_found");
    }

    private void faultyParameter() throws Exception {
        expectError(
            () -> clerk.actorTokens().create().request(tokenRequest().expiresInSeconds(0L).build()).call(),
            ClerkErrors.class, 422, "form_param_value_invalid");
    }

    private void wrongSecretKey() throws Exception {
        var stranger = App.openClerk(text("apiUrl"), "sk_live_" + "x".repeat(43));
        expectError(() -> stranger.users().get(text("userId")), ClerkErrors.class, 401, "clerk_key_invalid");
    }

    private void users() {
        var externalId = "java_" + UUID.randomUUID();
        var body = CreateUserRequestBody.builder()
            .externalId(externalId).firstName("Ada").emailAddress(List.of("ada@example.com")).build();
        var id = clerk.users().create(body).user().orElseThrow().id();
        expect(clerk.users().get(id).user().orElseThrow().firstName(), Optional.of("Ada"));
        var listed = clerk.users().list(GetUserListRequest.builder().externalId(List.of(externalId)).build());
        expect(listed.userList().orElseThrow().stream().map((user) -> user.id()).toList(), List.of(id));
        var counted = clerk.users().count(GetUsersCountRequest.builder().externalId(List.of(externalId)).build());
        expect(counted.totalCount().orElseThrow().totalCount(), 1L);
        expect(clerk.users().ban(id).user().orElseThrow().banned(), true);
        expect(clerk.users().unban(id).user().orElseThrow().banned(), false);
        expect(clerk.users().delete(id).deletedObject().orElseThrow().deleted(), true);
    }

    private void sessions() throws Exception {
        var id = text("sessionId");
        var session = clerk.sessions().get(id).session().orElseThrow();
        expect(session.status().value(), "active");
        expect(session.userId(), text("userId"));
        // The models of actors have no members.
        expect(com.clerk.backend_api.models.components.Actor.class.getDeclaredFields().length, 0);
        expect(ActorTokenActor.class.getDeclaredFields().length, 0);
        var listed = clerk.sessions().list(GetSessionListRequest.builder().userId(text("userId")).build());
        expect(listed.sessionList().orElseThrow().stream().map((each) -> each.id()).toList(), List.of(id));
        var token = clerk.sessions().createToken(id).object().orElseThrow().jwt().orElseThrow();
        // It names no page, which this SDK accepts.
        expectClaims(authenticated(Map.of("authorization", List.of("Bearer " + token))).claims().orElseThrow());
        expect(clerk.sessions().revoke(id).session().orElseThrow().status().value(), "revoked");
    }

    private void expectClaims(Claims claims) {
        expect(claims.getSubject(), text("userId"));
        expect(claims.get("act"), ACTOR);
    }

    private Claims byJwks(String token) throws Exception {
        var options = VerifyTokenOptions.Builder.withSecretKey(text("secretKey"))
            .apiUrl(text("apiUrl")).authorizedParty(text("origin")).build();
        return (Claims) VerifyToken.verifyToken(token, options).payload();
    }

    private Claims byPem(String token) throws Exception {
        var options = VerifyTokenOptions.Builder.withJwtKey(text("sessionKey")).build();
        return (Claims) VerifyToken.verifyToken(token, options).payload();
    }

    private RequestState authenticated(Map<String, List<String>> headers) {
        return App.authenticate(headers, text("sessionKey"), text("origin"));
    }

    private void request() {
        var token = text("sessionToken");
        for (var headers : List.of(
            Map.of("authorization", List.of("Bearer " + token)),
            Map.of("cookie", List.of("theme=dark; __session=" + token)))) {
            var state = authenticated(headers);
            expect(state.isSignedIn(), true);
            expectClaims(state.claims().orElseThrow());
        }
        expect(authenticated(Map.of()).isSignedIn(), false);
    }

    private ErrorReason reasonOf(String token) {
        var state = authenticated(Map.of("authorization", List.of("Bearer " + token)));
        expect(state.isSignedIn(), false);
        return state.reason().orElseThrow();
    }

    private void refused() throws Exception {
        var reasons = Map.of(
            "expired", TokenVerificationErrorReason.TOKEN_EXPIRED,
            "ofAnotherPage", TokenVerificationErrorReason.TOKEN_INVALID_AUTHORIZED_PARTIES,
            "ofAnotherKey", TokenVerificationErrorReason.TOKEN_INVALID);
        for (var each : reasons.entrySet()) {
            var token = given.get("refused").get(each.getKey()).asText();
            expect(reasonOf(token), each.getValue());
            try {
                byJwks(token);
                throw new AssertionError(each.getKey() + " was accepted");
            } catch (TokenVerificationException error) {
                expect(error.reason(), each.getValue());
            }
        }
    }

    private void trap() {
        expect(Clerk.SERVERS[0], "https://api.clerk.com/v1");
        // authenticateRequest has no option for the URL of the API, so with a secret key it asks Clerk's host, and sends it the key.
        var options = Arrays.stream(AuthenticateRequestOptions.Builder.class.getMethods()).map((method) -> method.getName()).toList();
        expect(options.contains("withJwtKey"), true);
        expect(options.contains("apiUrl"), false);
        // The lines of docs/clients.md send nothing, also for an API key that a visitor shows.
        expect(reasonOf("ak_visitor").id(), "token-type-not-supported");
    }

    private void verifier() {
        var decoder = Verifier.openDecoder(text("issuer"), text("origin"));
        var token = decoder.decode(text("sessionToken"));
        expect(token.getSubject(), text("userId"));
        expect(token.getClaim("act"), ACTOR);
        given.get("refused").properties().forEach((each) -> {
            try {
                decoder.decode(each.getValue().asText());
            } catch (JwtException refusal) {
                return;
            }
            throw new AssertionError(each.getKey() + " was accepted");
        });
    }

    private Map<String, Check> all() {
        var checks = new LinkedHashMap<String, Check>();
        checks.put("create", this::create);
        checks.put("revoke", this::revoke);
        checks.put("revoke twice", this::revokeTwice);
        checks.put("unknown user", this::unknownUser);
        checks.put("faulty parameter", this::faultyParameter);
        checks.put("wrong secret key", this::wrongSecretKey);
        checks.put("users", this::users);
        checks.put("jwks", () -> expectClaims(byJwks(text("sessionToken"))));
        checks.put("pem", () -> expectClaims(byPem(text("sessionToken"))));
        checks.put("request", this::request);
        checks.put("refused", this::refused);
        checks.put("trap", this::trap);
        checks.put("verifier", this::verifier);
        // The session is revoked last.
        checks.put("sessions", this::sessions);
        return checks;
    }

    public static void main(String[] args) throws Exception {
        for (var check : new Checks(MAPPER.readTree(System.in)).all().entrySet()) {
            String fault = null;
            try {
                check.getValue().run();
            } catch (Throwable thrown) { // Whatever it is, it is the result of this rule.
                fault = thrown.toString();
            }
            var report = MAPPER.createObjectNode().put("rule", check.getKey()).put("error", fault);
            System.out.println(MAPPER.writeValueAsString(report));
        }
    }
}
