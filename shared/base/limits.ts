import { DAY_IN_SECONDS, MINUTE_IN_SECONDS } from './time.ts';

/** Every number a caller can run into, in one place. */
export const limits = {
  /** Life of a ticket. Source of the default: Clerk's public documentation, Actor Tokens. */
  ticketLife: { default: 3600, min: 1, max: 30 * DAY_IN_SECONDS },
  /** Life of a session, counted from the redemption. Source of the default: as above. */
  sessionMaxDuration: { default: 1800, min: 1, max: DAY_IN_SECONDS },
  /** A session without activity for this long is over. Source: as above. */
  inactivityInSeconds: 10 * MINUTE_IN_SECONDS,
  sessionTokenLifeInSeconds: 60,
  /** `expires_in_seconds` of a session token made for a server. */
  backendTokenLife: { min: 30, max: 60 },
  /** The serialized `actor` travels in every session token, and a browser's cookie ends at 4096 bytes. */
  actorBytes: 1024,
  actorSubLength: 256,
  userIdLength: 256,
  /** Our own tickets take about 600 bytes. */
  ticketBytes: 4096,
  /** API Gateway refuses a request line and headers of over 10,240 bytes: ticket, redirect and cookies share them. */
  redirectUrlBytes: 2048,
  bodyBytes: 65_536,
  formFields: 50,
  list: { default: 10, min: 1, max: 500 },
  /** A little under what Lambda takes of a function. */
  answerBytes: 6_000_000,
  /**
   * An operation makes up to four calls in a row, each of which may take 5 s with its retries: whatever was committed must
   * still be read and answered in shape. Below the 30 s of an HTTP API.
   */
  functionTimeoutInSeconds: 20,
  /** RFC 6265bis section 5.5 caps a cookie's life at 400 days. */
  clientCookieLifeInSeconds: 400 * DAY_IN_SECONDS,
  userNameLength: 256,
  userMetadataBytes: 8192,
  userIdentifications: 10,
  externalIdLength: 128,
  secretKeyNameLength: 64,
} as const;
