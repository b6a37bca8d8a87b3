// What an app does with Clerk's Go SDK, and with golang-jwt alone. docs/clients.md shows these lines; main.go runs them.

package main

// docs: sdk
import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/actortoken"
	clerkhttp "github.com/clerk/clerk-sdk-go/v2/http"
	"github.com/clerk/clerk-sdk-go/v2/jwks"
	"github.com/golang-jwt/jwt/v5"
)

func openClerk(apiURL, secretKey string) *clerk.ClientConfig {
	config := &clerk.ClientConfig{}
	config.URL = clerk.String(apiURL + "/v1")
	config.Key = clerk.String(secretKey)
	return config
}

func createLink(ctx context.Context, config *clerk.ClientConfig, userID, actorSub string) (string, error) {
	actor, err := json.Marshal(map[string]string{"sub": actorSub})
	if err != nil {
		return "", err
	}
	token, err := actortoken.NewClient(config).Create(ctx, &actortoken.CreateParams{
		UserID:           clerk.String(userID),
		Actor:            actor,
		ExpiresInSeconds: clerk.Int64(600),
	})
	if err != nil {
		return "", err
	}
	return *token.URL, nil
}

// The issuer is the output Issuer. Without ProxyURL the SDK accepts only issuers of Clerk's own kind.
func requireSession(config *clerk.ClientConfig, issuer, origin string) func(http.Handler) http.Handler {
	return clerkhttp.RequireHeaderAuthorization(
		clerkhttp.JWKSClient(jwks.NewClient(config)),
		clerkhttp.ProxyURL(issuer),
		clerkhttp.AuthorizedPartyMatches(origin),
	)
}

// end

// docs: golang-jwt
type sessionClaims struct {
	jwt.RegisteredClaims
	AuthorizedParty string          `json:"azp"`
	Actor           json.RawMessage `json:"act"`
}

func openKeys(ctx context.Context, issuer string) (keyfunc.Keyfunc, error) {
	return keyfunc.NewDefaultCtx(ctx, []string{issuer + "/.well-known/jwks.json"})
}

func verify(token string, keys keyfunc.Keyfunc, issuer, origin string) (*sessionClaims, error) {
	claims := &sessionClaims{}
	_, err := jwt.ParseWithClaims(token, claims, keys.Keyfunc,
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithIssuer(issuer), jwt.WithExpirationRequired())
	if err != nil {
		return nil, err
	}
	if claims.AuthorizedParty != origin {
		return nil, errors.New("the token was not issued to this app's pages")
	}
	return claims, nil
}

// end
