// The parameters that several requests about users have.
import * as v from 'valibot';
import { isId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { jsonObject, printableOrEmpty, printableString } from '../base/params.ts';

/** The empty text means none, as in a cell of an exported table. */
export const name = v.nullish(printableOrEmpty({ max: limits.userNameLength }));

export const externalId = v.pipe(
  printableString({ max: limits.externalIdBytes }),
  v.check(
    (value) => Buffer.byteLength(JSON.stringify(value)) - '""'.length <= limits.externalIdBytes,
    `must have at most ${limits.externalIdBytes} bytes in JSON`,
  ),
  v.check((value) => !isId('user', value), 'must not have the form of the id of a user'),
  v.description(
    `Your own id of the user. At most ${limits.externalIdBytes} bytes in JSON, and not of the form of an id of this API.`,
  ),
);

const LOCALE = /^[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,4}$/;

export const locale = v.nullish(
  v.pipe(
    v.string('must be a string'),
    v.regex(LOCALE, 'must be a language tag, such as en-US'),
    v.metadata({ pattern: LOCALE.source }),
  ),
);

/** Metadata, whole or as changes. */
export const metadata = v.nullish(jsonObject({ maxBytes: limits.userMetadataBytes }));

/** Only the presence of a secret is stored. */
export const secret = v.nullish(v.string('must be a string'));
export const secrets = v.nullish(v.array(v.string('must be a string'), 'must be an array of strings'));

/** Members that change nothing here, because this instance does not check what they switch off. */
export const ignored = v.nullish(v.boolean('must be a boolean'));

/** A member of which only the value is accepted that asks for nothing. */
export function neverTrue(because: string) {
  return v.nullish(v.literal(false, `must be false or omitted, because ${because}`));
}

export const NO_SELF_SERVICE = 'users of this instance change nothing themselves';

/** Why users of this instance do not have members that Clerk's users have. */
export const reasons = {
  password: 'this instance has no passwords',
  password_digest: 'this instance has no passwords',
  password_hasher: 'this instance has no passwords',
  create_organizations_limit: 'this instance has no organizations',
} as const;
