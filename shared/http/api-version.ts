import { ApiError } from '../base/errors.ts';
import type { HttpRequest } from './request.ts';

/** The first version that Clerk published. */
const FIRST = '2021-02-05';

/** A real date survives a round trip through `Date`; 2025-02-30 does not. */
function isDate(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) && text.length === 'yyyy-mm-dd'.length;
}

/**
 * Accepts every API version that is a date from Clerk's first version on: all of them get the same answers here, and clients send newer
 * ones than any list has. An empty header or parameter counts as none.
 *
 * @throws `api_version_invalid` when it is no such date, or given twice
 */
export function checkApiVersion({ header, query }: Pick<HttpRequest, 'header' | 'query'>): void {
  const versions = [header('clerk-api-version') ?? '', ...query.getAll('__clerk_api_version')].filter(
    (each) => each !== '',
  );
  if (versions.length > 1 || !versions.every((each) => isDate(each) && each >= FIRST))
    throw new ApiError('api_version_invalid');
}
