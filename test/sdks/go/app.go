// What an app does with Clerk's Go SDK. docs/clients.md shows these lines; main.go runs them.

package main

// docs: sdk
import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/actortoken"
	clerkhttp "github.com/clerk/clerk-sdk-go/v2/http"
	"github.com/clerk/clerk-sdk-go/v2/jwks"
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
