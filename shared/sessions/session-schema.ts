// What a request about sessions may say; apart from what parses it, as for actor tokens.
import * as v from 'valibot';
import { limits } from '../base/limits.ts';
import { integerBetween } from '../base/params.ts';
import { pageParams } from '../base/url-params.ts';

const STATUSES = ['abandoned', 'active', 'ended', 'expired', 'pending', 'removed', 'replaced', 'revoked'] as const;

export const listSessionsQuery = v.strictObject({
  user_id: v.optional(v.string()),
  client_id: v.optional(v.string()),
  status: v.optional(v.picklist(STATUSES, `must be one of ${STATUSES.join(', ')}`)),
  paginated: v.optional(v.picklist(['true', 'false'], 'must be true or false')),
  ...pageParams,
});

export const createBackendSessionTokenBody = v.strictObject({
  expires_in_seconds: v.nullish(integerBetween(limits.backendTokenLife), limits.sessionTokenLifeInSeconds),
});
