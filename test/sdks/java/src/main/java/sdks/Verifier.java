package sdks;

// docs: spring
import org.springframework.security.oauth2.core.DelegatingOAuth2TokenValidator;
import org.springframework.security.oauth2.jwt.JwtClaimValidator;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtValidators;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

// end

/** The use of Spring Security alone in an app. docs/clients.md shows the lines between the marks; Checks runs them. */
final class Verifier {
    private Verifier() {}

    // docs: spring
    static JwtDecoder openDecoder(String issuer, String origin) {
        var decoder = NimbusJwtDecoder.withIssuerLocation(issuer).build();
        decoder.setJwtValidator(new DelegatingOAuth2TokenValidator<>(
            JwtValidators.createDefaultWithIssuer(issuer), new JwtClaimValidator<String>("azp", origin::equals)));
        return decoder;
    }
    // end
}
