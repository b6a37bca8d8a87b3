// What an app does with golang-jwt and keyfunc alone. docs/clients.md shows these lines; main.go runs them.

package main

// docs: golang-jwt
import (
	"context"
	"encoding/json"
	"errors"

	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

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
