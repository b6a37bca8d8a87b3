package sdks;

// docs: sdk
import com.clerk.backend_api.Clerk;
import com.clerk.backend_api.helpers.security.AuthenticateRequest;
import com.clerk.backend_api.helpers.security.models.AuthenticateRequestOptions;
import com.clerk.backend_api.helpers.security.models.RequestState;
import com.clerk.backend_api.models.operations.Actor;
import com.clerk.backend_api.models.operations.CreateActorTokenRequestBody;
import java.util.List;
import java.util.Map;

// end

/** The use of Clerk's Java SDK in an app. docs/clients.md shows the lines between the marks; Checks runs them. */
final class App {
    private App() {}

    // docs: sdk
    static Clerk openClerk(String apiUrl, String secretKey) {
        return Clerk.builder().bearerAuth(secretKey).serverURL(apiUrl + "/v1").build();
    }

    static String createLink(Clerk clerk, String userId, String actorSub) {
        var request = CreateActorTokenRequestBody.builder()
            .userId(userId).actor(new Actor(actorSub)).expiresInSeconds(600L).build();
        return clerk.actorTokens().create().request(request).call().actorToken().orElseThrow().url().orElseThrow();
    }

    /** sessionKey is the PEM of `npm run signing-keys -- pem`. Never use withSecretKey here. */
    static RequestState authenticate(Map<String, List<String>> headers, String sessionKey, String origin) {
        var options = AuthenticateRequestOptions.Builder.withJwtKey(sessionKey)
            .authorizedParty(origin).acceptsTokens(List.of("session_token")).build();
        return AuthenticateRequest.authenticateRequest(headers, options);
    }
    // end
}
