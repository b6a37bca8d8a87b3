import { DAY_IN_SECONDS, HOUR_IN_SECONDS, MINUTE_IN_SECONDS } from './time.ts';

/** Every limit that a caller can exceed, and every duration that a caller can observe. */
export const limits = {
  /**
   * Life of a ticket. `maxByDefault` is the maximum of a deployment that configures none. Source of the default: Clerk's public
   * documentation, Actor Tokens.
   */
  ticketLifeInSeconds: { default: 3600, min: 1, max: 30 * DAY_IN_SECONDS, maxByDefault: DAY_IN_SECONDS },
  /**
   * Duration of a session, counted from the redemption. `maxByDefault` as above. Source of the default: Clerk's public documentation,
   * Actor Tokens.
   */
  sessionMaxDurationInSeconds: { default: 1800, min: 1, max: DAY_IN_SECONDS, maxByDefault: HOUR_IN_SECONDS },
  /** A session without activity for this long is expired. Source: Clerk's public documentation, Actor Tokens. */
  inactivityInSeconds: 10 * MINUTE_IN_SECONDS,
  sessionTokenLifeInSeconds: 60,
  /** Life of a handshake's JWT, which verifiers may ignore, and of the cookie that carries it to the page's server. */
  handshakeLifeInSeconds: 60,
  handshakeCookieLifeInSeconds: 10,
  /** `expires_in_seconds` of a session token made for a server. */
  backendTokenLifeInSeconds: { min: 30, max: 60 },
  /** `Cache-Control` of the JWKS. The waits of a key rotation include it. */
  jwksMaxAgeInSeconds: 5 * MINUTE_IN_SECONDS,
  /** An operation makes up to four calls in a row, each of at most 5 s with its retries. API Gateway waits for 30 s. */
  functionTimeoutInSeconds: 20,
  /** The serialized `actor` is part of every session token, and a browser's cookie holds at most 4,096 bytes. */
  actorBytes: 1000,
  actorSubLength: 256,
  reasonLength: 500,
  /** The policy, which every function reads when it starts. */
  policyBytes: 65_536,
  policyRules: 200,
  /** `amr` and the configured claims of an operator, which the record keeps. */
  verifiedClaimsBytes: 2000,
  userIdLength: 256,
  /** A ticket of this product has about 600 bytes. */
  ticketBytes: 4096,
  /** API Gateway accepts at most 10,240 bytes of request line and headers, which hold the ticket, the redirect and the cookies. */
  redirectUrlBytes: 2048,
  /** The sign-in page of a link, whose query has the ticket and the `redirect_url` of the link, may itself need a handshake. */
  handshakeRedirectUrlBytes: 4096,
  bodyBytes: 65_536,
  /** Nesting of objects and arrays in a JSON body. */
  bodyDepth: 32,
  formFields: 50,
  list: { default: 10, min: 1, max: 500 },
  /** What one list or count reads of all users, at most. DynamoDB reads a megabyte at a time. */
  userSearch: { megabytes: 50, users: 10_000 },
  /** A little less than the largest answer that Lambda accepts from a function. */
  answerBytes: 6_000_000,
  /** RFC 6265bis section 5.5 caps a cookie's life at 400 days. */
  clientCookieLifeInSeconds: 400 * DAY_IN_SECONDS,
  userNameLength: 256,
  userMetadataBytes: 8192,
  userIdentifications: 10,
  /** Of the external id as JSON text: it is part of every session token, as the actor is. */
  externalIdBytes: 128,
  secretKeyNameLength: 64,
} as const;
