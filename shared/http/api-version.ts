import { ApiError } from '../base/errors.ts';
import type { HttpRequest } from './request.ts';

/** A real date survives a round trip through `Date`; 2025-02-30 does not. */
function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) && text.length === 'yyyy-mm-dd'.length;
}

/**
 * Accepts every API version that is a date: all of them get the same answers here, and clients send newer ones than any list has.
 *
 * @throws `api_version_invalid` when it is no date, or given twice
 */
export function checkApiVersion({ header, query }: Pick<HttpRequest, 'header' | 'query'>): void {
  const versions = [header('clerk-api-version'), ...query.getAll('__clerk_api_version')].filter(
    (each) => each !== undefined,
  );
  if (versions.length > 1 || !versions.every(isDate)) throw new ApiError('api_version_invalid');
}
