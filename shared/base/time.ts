/** Milliseconds since 1970: every instant that is stored or part of a resource. Branded, so that seconds do not compile. */
export type EpochMs = number & { readonly unit: 'milliseconds since 1970' };

/** Seconds since 1970: times inside a JWT (RFC 7519 section 2, NumericDate) and DynamoDB's TTL attribute. */
type NumericDate = number & { readonly unit: 'seconds since 1970' };

export const MINUTE_IN_SECONDS = 60;
export const HOUR_IN_SECONDS = 3600;
export const DAY_IN_SECONDS = 86_400;

/** Marks a number as milliseconds since 1970. */
export function epochMs(milliseconds: number): EpochMs {
  return milliseconds as EpochMs;
}

/** The instant this many seconds later. */
export function plusSeconds(at: EpochMs, seconds: number): EpochMs {
  return epochMs(at + seconds * 1000);
}

/** The whole second that contains `at`. It is rounded down, so that the time in a cookie or token is never in the future. */
export function toNumericDate(at: EpochMs): NumericDate {
  return Math.floor(at / 1000) as NumericDate;
}

/** The instant at which this second begins. */
export function fromNumericDate(seconds: number): EpochMs {
  return epochMs(seconds * 1000);
}

/** The earliest of some instants. */
export function earliest(first: EpochMs, ...others: readonly EpochMs[]): EpochMs {
  return epochMs(Math.min(first, ...others));
}
