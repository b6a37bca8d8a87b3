// Reads JSON from standard input, calls the API through the SDK, and prints a line of JSON for each rule of ../program.ts.
package main

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/clerk/clerk-sdk-go/v2"
	"github.com/clerk/clerk-sdk-go/v2/actortoken"
	clerkhttp "github.com/clerk/clerk-sdk-go/v2/http"
	"github.com/clerk/clerk-sdk-go/v2/jwks"
	clerkjwt "github.com/clerk/clerk-sdk-go/v2/jwt"
	"github.com/clerk/clerk-sdk-go/v2/session"
	"github.com/clerk/clerk-sdk-go/v2/user"
)

type input struct {
	APIURL       string            `json:"apiUrl"`
	Issuer       string            `json:"issuer"`
	SecretKey    string            `json:"secretKey"`
	SessionKey   string            `json:"sessionKey"`
	Origin       string            `json:"origin"`
	UserID       string            `json:"userId"`
	SessionID    string            `json:"sessionId"`
	SessionToken string            `json:"sessionToken"`
	Refused      map[string]string `json:"refused"`
}

const actor = `{"sub":"support_7","reason":"SUP-1"}`

var (
	given  input
	config *clerk.ClientConfig
	ctx    = context.Background()
)

// expect returns an error unless both are equal.
func expect(actual, expected any) error {
	if reflect.DeepEqual(actual, expected) {
		return nil
	}
	return fmt.Errorf("expected %v, got %v", expected, actual)
}

func expectError(err error, status int, code string) error {
	var apiError *clerk.APIErrorResponse
	if !errors.As(err, &apiError) {
		return fmt.Errorf("expected %s, got %v", code, err)
	}
	return errors.Join(expect(apiError.HTTPStatusCode, status), expect(apiError.Errors[0].Code, code))
}

func anActorToken() (*clerk.ActorToken, error) {
	return actortoken.NewClient(config).Create(ctx, &actortoken.CreateParams{
		UserID: clerk.String(given.UserID), Actor: json.RawMessage(actor), ExpiresInSeconds: clerk.Int64(600),
	})
}

func create() error {
	token, err := anActorToken()
	if err != nil {
		return err
	}
	link, err := createLink(ctx, config, given.UserID, "support_7")
	if err != nil {
		return err
	}
	return errors.Join(
		expect(token.Status, "pending"),
		expect(string(token.Actor), actor),
		expect(strings.Count(token.Token, "."), 2),
		expect(strings.Split(link, "?ticket=")[0], given.Issuer+"/v1/tickets/accept"),
	)
}

func revoke() error {
	token, err := anActorToken()
	if err != nil {
		return err
	}
	revoked, err := actortoken.NewClient(config).Revoke(ctx, token.ID)
	if err != nil {
		return err
	}
	return errors.Join(expect(revoked.Status, "revoked"), expect(revoked.Token, ""))
}

func revokeTwice() error {
	token, err := anActorToken()
	if err != nil {
		return err
	}
	client := actortoken.NewClient(config)
	if _, err = client.Revoke(ctx, token.ID); err != nil {
		return err
	}
	_, err = client.Revoke(ctx, token.ID)
	return expectError(err, http.StatusBadRequest, "actor_token_cannot_be_revoked_code")
}

func unknownUser() error {
	_, err := createLink(ctx, config, "user_"+strings.Repeat("0", 27), "support_7")
	return expectError(err, http.StatusNotFound, "resource_not_found")
}

func faultyParameter() error {
	_, err := actortoken.NewClient(config).Create(ctx, &actortoken.CreateParams{
		UserID: clerk.String(given.UserID), Actor: json.RawMessage(actor), ExpiresInSeconds: clerk.Int64(0),
	})
	return expectError(err, http.StatusUnprocessableEntity, "form_param_value_invalid")
}

func wrongSecretKey() error {
	stranger := openClerk(given.APIURL, "sk_live_"+strings.Repeat("x", 43))
	_, err := user.NewClient(stranger).Get(ctx, given.UserID)
	return expectError(err, http.StatusUnauthorized, "clerk_key_invalid")
}

func users() error {
	client := user.NewClient(config)
	externalID := "go_" + rand.Text()
	created, err := client.Create(ctx, &user.CreateParams{
		ExternalID: clerk.String(externalID), FirstName: clerk.String("Ada"), EmailAddresses: &[]string{"ada@example.com"},
	})
	if err != nil {
		return err
	}
	wanted := &user.ListParams{ExternalIDs: []string{externalID}}
	read, err1 := client.Get(ctx, created.ID)
	list, err2 := client.List(ctx, wanted)
	count, err3 := client.Count(ctx, wanted)
	banned, err4 := client.Ban(ctx, created.ID)
	unbanned, err5 := client.Unban(ctx, created.ID)
	deleted, err6 := client.Delete(ctx, created.ID)
	if err = errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		return err
	}
	return errors.Join(
		expect(*read.FirstName, "Ada"),
		expect(len(list.Users), 1),
		expect(list.Users[0].ID, created.ID),
		expect(count.TotalCount, int64(1)),
		expect([]bool{banned.Banned, unbanned.Banned, deleted.Deleted}, []bool{true, false, true}),
	)
}

func sessions() error {
	client := session.NewClient(config)
	read, err1 := client.Get(ctx, given.SessionID)
	list, err2 := client.List(ctx, &session.ListParams{UserID: clerk.String(given.UserID)})
	token, err3 := client.CreateToken(ctx, &session.CreateTokenParams{ID: given.SessionID})
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	revoked, err := client.Revoke(ctx, &session.RevokeParams{ID: given.SessionID})
	if err != nil {
		return err
	}
	return errors.Join(
		expect(read.Status, "active"),
		expect(string(read.Actor), actor),
		expect(len(list.Sessions), 1),
		expect(list.Sessions[0].ID, given.SessionID),
		expect(revoked.Status, "revoked"),
		// It names no page, which this SDK accepts.
		expect(requested(token.JWT), http.StatusOK),
	)
}

func expectClaims(claims *clerk.SessionClaims) error {
	return errors.Join(expect(claims.Subject, given.UserID), expect(string(claims.Actor), actor))
}

func byJWKS() error {
	claims, err := clerkjwt.Verify(ctx, &clerkjwt.VerifyParams{
		Token: given.SessionToken, JWKSClient: jwks.NewClient(config), ProxyURL: clerk.String(given.Issuer),
	})
	if err != nil {
		return err
	}
	return expectClaims(claims)
}

func byPEM() error {
	block, _ := pem.Decode([]byte(given.SessionKey))
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return err
	}
	claims, err := clerkjwt.Verify(ctx, &clerkjwt.VerifyParams{
		Token: given.SessionToken, JWK: &clerk.JSONWebKey{Key: key, Algorithm: "RS256"}, ProxyURL: clerk.String(given.Issuer),
	})
	if err != nil {
		return err
	}
	return expectClaims(claims)
}

// requested returns the status of a request with a session token to a handler behind the middleware.
func requested(token string) int {
	return requestedWith("Authorization", "Bearer "+token)
}

// requestedWith returns the status of a request with this header to a handler behind the middleware.
func requestedWith(header, value string) int {
	handler := requireSession(config, given.Issuer, given.Origin)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, _ := clerk.SessionClaimsFromContext(r.Context())
		if expectClaims(claims) != nil {
			w.WriteHeader(http.StatusTeapot)
		}
	}))
	request := httptest.NewRequest(http.MethodGet, "/orders", nil)
	request.Header.Set(header, value)
	response := httptest.NewRecorder()
	handler.ServeHTTP(response, request)
	return response.Code
}

func request() error {
	return errors.Join(
		expect(requested(given.SessionToken), http.StatusOK),
		expect(requested(""), http.StatusForbidden),
		// The middleware does not look at cookies.
		expect(requestedWith("Cookie", "__session="+given.SessionToken), http.StatusForbidden),
	)
}

func refused() error {
	errs := []error{expect(len(given.Refused), 3)}
	for kind, token := range given.Refused {
		if err := expect(requested(token), http.StatusUnauthorized); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", kind, err))
		}
	}
	return errors.Join(errs...)
}

func trap() error {
	_, err := clerkjwt.Verify(ctx, &clerkjwt.VerifyParams{Token: given.SessionToken, JWKSClient: jwks.NewClient(config)})
	if err == nil {
		return errors.New("the token was accepted without ProxyURL")
	}
	// Without a client of our own, the SDK asks Clerk's host.
	url := reflect.ValueOf(clerk.NewBackend(&clerk.BackendConfig{})).Elem().FieldByName("URL").String()
	return errors.Join(
		expect(err.Error(), "invalid issuer "+given.Issuer),
		expect(url, "https://api.clerk.com/v1"),
		// The middleware keeps a key for an hour after each request that used it, however old the key is by then.
		expect(jwksCalls(50*time.Minute, 100*time.Minute, 150*time.Minute), []int{0, 0, 0}),
		expect(jwksCalls(300*time.Minute), []int{1}),
	)
}

type fixedClock time.Time

func (c fixedClock) Now() time.Time { return time.Time(c) }

// countingTransport counts the requests that it sends.
type countingTransport int

func (c *countingTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	*c++
	return http.DefaultTransport.RoundTrip(request)
}

// jwksCalls returns how often the middleware fetches the JWKS for requests at these times from now.
func jwksCalls(after ...time.Duration) []int {
	calls := []int{}
	for _, duration := range after {
		var counted countingTransport
		counting := openClerk(given.APIURL, given.SecretKey)
		counting.HTTPClient = &http.Client{Transport: &counted}
		handler := clerkhttp.WithHeaderAuthorization(
			clerkhttp.JWKSClient(jwks.NewClient(counting)),
			clerkhttp.Clock(fixedClock(time.Now().Add(duration))),
		)(http.NotFoundHandler())
		request := httptest.NewRequest(http.MethodGet, "/orders", nil)
		request.Header.Set("Authorization", "Bearer "+given.SessionToken)
		handler.ServeHTTP(httptest.NewRecorder(), request)
		calls = append(calls, int(counted))
	}
	return calls
}

func verifier() error {
	keys, err := openKeys(ctx, given.Issuer)
	if err != nil {
		return err
	}
	claims, err := verify(given.SessionToken, keys, given.Issuer, given.Origin)
	if err != nil {
		return err
	}
	errs := []error{expect(claims.Subject, given.UserID), expect(string(claims.Actor), actor)}
	for kind, token := range given.Refused {
		if _, err = verify(token, keys, given.Issuer, given.Origin); err == nil {
			errs = append(errs, fmt.Errorf("%s was accepted", kind))
		}
	}
	return errors.Join(errs...)
}

type check struct {
	rule string
	test func() error
}

// run returns what is wrong, also when the test panics.
func (c check) run() (fault error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			fault = fmt.Errorf("panic: %v", panicked)
		}
	}()
	return c.test()
}

func main() {
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil {
		panic(err)
	}
	config = openClerk(given.APIURL, given.SecretKey)
	checks := []check{
		{"create", create}, {"revoke", revoke}, {"revoke twice", revokeTwice}, {"unknown user", unknownUser},
		{"faulty parameter", faultyParameter}, {"wrong secret key", wrongSecretKey}, {"users", users}, {"jwks", byJWKS},
		{"pem", byPEM}, {"request", request}, {"refused", refused}, {"trap", trap}, {"verifier", verifier},
		// The session is revoked last.
		{"sessions", sessions},
	}
	for _, each := range checks {
		report := map[string]any{"rule": each.rule, "error": nil}
		if err := each.run(); err != nil {
			report["error"] = err.Error()
		}
		line, _ := json.Marshal(report)
		fmt.Println(string(line))
	}
}
