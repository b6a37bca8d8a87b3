// Reads the parameters of `POST /v1/users`.
import * as v from 'valibot';
import { limits } from '../base/limits.ts';
import { parseParams } from '../base/params.ts';
import type { CreateUser } from './create-user.ts';
import { factEntries, ignored, nameEntries, neverTrue, reasons, rightEntries } from './user-params.ts';

/** Source: RFC 5321 section 4.5.3.1.3, less the angle brackets of a path. */
const LONGEST_EMAIL_ADDRESS = 254;
/** Source: ITU-T E.164. */
const PHONE_NUMBER = /^\+[1-9][0-9]{6,14}$/;

const emailAddress = v.pipe(
  v.string('must be a string'),
  v.maxLength(LONGEST_EMAIL_ADDRESS, `form_param_format_invalid must have at most ${LONGEST_EMAIL_ADDRESS} characters`),
  v.rfcEmail('form_param_format_invalid must be an e-mail address'),
);
const phoneNumber = v.pipe(
  v.string('must be a string'),
  v.regex(PHONE_NUMBER, 'form_param_format_invalid must be a phone number in E.164 form, such as +15555550100'),
  v.metadata({ pattern: PHONE_NUMBER.source }),
);

function isWithoutRepetition(values: string[]): boolean {
  return new Set(values.map((value) => value.toLowerCase())).size === values.length;
}

function identifications(value: v.GenericSchema<string>) {
  const list = v.pipe(
    v.array(value, 'must be an array of strings'),
    v.maxLength(
      limits.userIdentifications,
      `form_param_array_size_exceeded must have at most ${limits.userIdentifications} entries`,
    ),
    v.check(isWithoutRepetition, 'form_param_duplicate'),
  );
  return v.nullish(list, []);
}

const identificationStatuses = v.nullish(
  v.array(
    v.literal('verified', 'must be verified, because this instance knows no other status'),
    'must be an array of strings',
  ),
);

const NO_WALLETS = 'must be empty or omitted, because this instance has no wallets';

export const createUserBody = v.strictObject({
  ...nameEntries,
  email_address: identifications(emailAddress),
  email_address_identification_status: identificationStatuses,
  phone_number: identifications(phoneNumber),
  phone_number_identification_status: identificationStatuses,
  web3_wallet: v.nullish(v.pipe(v.array(v.string(), NO_WALLETS), v.maxLength(0, NO_WALLETS))),
  ...factEntries,
  banned: v.nullish(v.boolean('must be a boolean')),
  locked: neverTrue('this instance locks nobody out'),
  ...rightEntries,
  skip_password_requirement: ignored,
  skip_password_checks: ignored,
  skip_legal_checks: ignored,
  skip_user_requirement: ignored,
});

/** The user of parameters that were parsed. */
export function createUserFrom(params: v.InferOutput<typeof createUserBody>): CreateUser {
  return {
    id: undefined,
    externalId: params.external_id ?? null,
    username: params.username ?? null,
    firstName: params.first_name ?? null,
    lastName: params.last_name ?? null,
    locale: params.locale ?? null,
    emailAddresses: params.email_address ?? [],
    phoneNumbers: params.phone_number ?? [],
    totpEnabled: Boolean(params.totp_secret),
    backupCodeEnabled: (params.backup_codes ?? []).length > 0,
    publicMetadata: params.public_metadata ?? {},
    privateMetadata: params.private_metadata ?? {},
    unsafeMetadata: params.unsafe_metadata ?? {},
    createdAt: params.created_at ?? undefined,
    legalAcceptedAt: params.legal_accepted_at ?? undefined,
    banned: params.banned ?? false,
  };
}

/**
 * Reads the body of `POST /v1/users`. Of `totp_secret` and `backup_codes` only their presence is stored.
 *
 * @throws the `form_param_…` codes of `parseParams`
 */
export function parseCreateUser(body: unknown): CreateUser {
  return createUserFrom(parseParams(createUserBody, body, reasons));
}
