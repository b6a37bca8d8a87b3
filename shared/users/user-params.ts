// The parameters that several requests about users have.
import * as v from 'valibot';
import { isId } from '../base/ids.ts';
import { limits } from '../base/limits.ts';
import { instantText, jsonObject, printableOrEmpty, printableString } from '../base/params.ts';

/** The empty text means none, as in a cell of an exported table. */
const name = v.nullish(printableOrEmpty({ max: limits.userNameLength }));

const externalId = v.pipe(
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

const locale = v.nullish(
  v.pipe(
    v.string('must be a string'),
    v.regex(LOCALE, 'form_param_format_invalid must be a language tag, such as en-US'),
    v.metadata({ pattern: LOCALE.source }),
  ),
);

const metadata = v.nullish(jsonObject({ maxBytes: limits.userMetadataBytes }));

/** Metadata, whole or as changes. */
export const metadataEntries = { public_metadata: metadata, private_metadata: metadata, unsafe_metadata: metadata };

/** Members that change nothing here, because this instance does not check what they switch off. */
export const ignored = v.nullish(v.boolean('must be a boolean'));

/** A member of which only the value is accepted that asks for nothing. */
export function neverTrue(because: string) {
  return v.nullish(v.literal(false, `must be false or omitted, because ${because}`));
}

const NO_SELF_SERVICE = 'users of this instance change nothing themselves';

// The parameters that creating and changing a user both have. An answer names faulty parameters in the order of the schema, so each
// group is one that stands together in both.

/** The ids and names of a user. */
export const nameEntries = {
  external_id: v.nullish(externalId),
  username: name,
  first_name: name,
  last_name: name,
  locale,
};

/** Further facts about a user. */
export const factEntries = {
  // Only the presence of a secret is stored.
  totp_secret: v.nullish(v.string('must be a string')),
  backup_codes: v.nullish(v.array(v.string('must be a string'), 'must be an array of strings')),
  ...metadataEntries,
  created_at: v.nullish(instantText),
  legal_accepted_at: v.nullish(instantText),
};

/** Rights that users of this instance do not have, and one that changes nothing. */
export const rightEntries = {
  delete_self_enabled: neverTrue(NO_SELF_SERVICE),
  create_organization_enabled: neverTrue(NO_SELF_SERVICE),
  bypass_client_trust: ignored,
};

/** Why users of this instance do not have members that Clerk's users have. */
export const reasons = {
  password: 'this instance has no passwords',
  password_digest: 'this instance has no passwords',
  password_hasher: 'this instance has no passwords',
  create_organizations_limit: 'this instance has no organizations',
} as const;
