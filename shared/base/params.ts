import * as v from 'valibot';
import { ApiError, type ErrorCode, type ErrorItem } from './errors.ts';
import { NOT_BLANK, PRINTABLE } from './printable.ts';
import { epochMs } from './time.ts';

type Issue = v.BaseIssue<unknown>;

/** The answer quotes an unknown name up to this length. */
const LONGEST_QUOTED_NAME = 100;

/** Codes that the message of a schema can begin with, where the kind of the issue does not determine the code. */
const CODES_IN_MESSAGES: readonly ErrorCode[] = [
  'form_conditional_param_missing',
  'form_param_array_size_exceeded',
  'form_param_duplicate',
  'form_param_exceeds_allowed_size',
  'form_param_format_invalid',
  'form_param_missing',
];

function codeOf(issue: Issue): ErrorCode {
  const isMissing = issue.kind === 'schema' && issue.type.endsWith('object') && issue.received === 'undefined';
  if (isMissing) return 'form_param_missing';
  if (issue.type === 'max_value') return 'form_param_value_too_large';
  return CODES_IN_MESSAGES.find((code) => issue.message.startsWith(code)) ?? 'form_param_value_invalid';
}

/** One item of the answer for an issue of a schema. */
export function errorItem(issue: Issue): ErrorItem {
  const param_name = (issue.path ?? []).map(({ key }) => String(key)).join('.');
  const [rule] = /(?<=^|_\w+ )must .*$/.exec(issue.message) ?? [];
  return { code: codeOf(issue), meta: { param_name }, ...(rule && { sentence: `${param_name} ${rule}.` }) };
}

/** Why an operation does not take parameters that Clerk's has, by their names. Each completes a sentence after "because". */
type Reasons = Readonly<Record<string, string>>;

function unknownParam(name: string, reasons: Reasons): ErrorItem {
  const param_name = name.slice(0, LONGEST_QUOTED_NAME);
  const reason = Object.hasOwn(reasons, name) ? reasons[name] : undefined;
  const sentence = reason && `${param_name} is not a parameter here, because ${reason}.`;
  return { code: 'form_param_unknown', meta: { param_name }, ...(sentence && { sentence }) };
}

/**
 * The input as the schema's type. One answer names every wrong parameter, each with its first error. The message of a schema is an
 * error code, or completes the sentence that begins with the parameter's name ("must be an integer …"), or is both, in this order. A
 * parameter of `reasons` is refused with its reason, unless it is null.
 *
 * @throws `form_param_missing`, `form_param_unknown`, `form_param_value_invalid`, `form_param_value_too_large`,
 * `form_param_exceeds_allowed_size`, `form_param_duplicate`, `form_param_format_invalid`, `form_param_array_size_exceeded`, each with
 * `meta.param_name`
 */
export function parseParams<Entries extends v.ObjectEntries>(
  { entries }: v.StrictObjectSchema<Entries, undefined>,
  input: unknown,
  reasons: Reasons = {},
): v.InferOutput<v.ObjectSchema<Entries, undefined>> {
  // valibot's strict objects name the first unknown member only.
  const given = Object.entries(typeof input === 'object' && input !== null ? input : {});
  const unknown = given
    .filter(([name, value]) => !Object.hasOwn(entries, name) && !(Object.hasOwn(reasons, name) && value === null))
    .map(([name]) => unknownParam(name, reasons));
  const result = v.safeParse(v.object(entries), input, { abortPipeEarly: true });
  if (!result.success) {
    const [first, ...more] = result.issues;
    throw new ApiError(errorItem(first), ...more.map(errorItem), ...unknown);
  }
  const [first, ...more] = unknown;
  if (first) throw new ApiError(first, ...more);
  return result.output;
}

/** An integer of JSON, within bounds. No other value is converted: `"60"`, `true` and `1.5` are refused. */
export function integerBetween({ min, max }: { readonly min: number; readonly max: number }) {
  const sentence = `must be an integer from ${min} to ${max}`;
  return v.pipe(v.number(sentence), v.safeInteger(sentence), v.minValue(min, sentence), v.maxValue(max, sentence));
}

/** The OpenAPI document refers to one component for every printable string, so that the long pattern is there only once. */
export const asPrintableText = { allOf: [{ $ref: '#/components/schemas/PrintableText' }] };

/** A string that people can read: without control characters, bidi controls and other invisible characters, and not blank. */
export function printableString({ max }: { readonly max: number }) {
  return v.pipe(
    v.string('must be a string'),
    v.nonEmpty('must not be empty'),
    v.maxLength(max, `must have at most ${max} characters`),
    v.regex(PRINTABLE, 'must not contain control characters or invisible characters'),
    v.regex(NOT_BLANK, 'must not be blank'),
    v.metadata(asPrintableText),
  );
}

/** As a printable string, or the empty text, which becomes null. */
export function printableOrEmpty({ max }: { readonly max: number }) {
  return v.pipe(
    v.string('must be a string'),
    v.maxLength(max, `must have at most ${max} characters`),
    v.regex(PRINTABLE, 'must not contain control characters or invisible characters'),
    v.check((value) => value === '' || NOT_BLANK.test(value), 'must not be blank'),
    v.metadata({ anyOf: [{ const: '' }, ...asPrintableText.allOf] }),
    v.transform((value) => value || null),
  );
}

const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** An instant as text, not before 1970. Source of the form: RFC 3339 section 5.6. */
export const instantText = v.pipe(
  v.string('must be a string'),
  v.check(
    (value) => DATE_TIME.test(value) && Date.parse(value) >= 0,
    'must be a date and time since 1970, such as 2012-10-20T07:15:20.902Z',
  ),
  v.metadata({ format: 'date-time', pattern: '^(?:19[7-9]|[2-9][0-9]{2})[0-9]-' }),
  v.transform((value) => epochMs(Date.parse(value))),
);

type JsonObject = Readonly<Record<string, unknown>>;

/** JSON can hold numbers beyond 2^53, unpaired surrogates and NUL, which would not come back from the table unchanged. */
function isKeptUnchanged(value: JsonObject): boolean {
  let isKept = true;
  JSON.stringify(value, (key, part: unknown) => {
    if (typeof part === 'number') isKept &&= Number.isFinite(part) && Math.abs(part) <= Number.MAX_SAFE_INTEGER;
    if (typeof part === 'string') isKept &&= part.isWellFormed() && !part.includes('\0');
    isKept &&= key.isWellFormed() && !key.includes('\0');
    return part;
  });
  return isKept;
}

/** True for an object of JSON, and not for a list or null. */
export function isPlainObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A JSON object of a bounded size. The output is the same object as the input: no member is copied or dropped. */
export function jsonObject({ maxBytes }: { readonly maxBytes: number }) {
  return v.pipe(
    v.custom<JsonObject>(isPlainObject, 'must be an object'),
    v.check(isKeptUnchanged, 'must only hold numbers and text that can be kept unchanged'),
    v.check((value) => Buffer.byteLength(JSON.stringify(value)) <= maxBytes, 'form_param_exceeds_allowed_size'),
    v.metadata({ type: 'object' }),
    v.description(`At most ${maxBytes} bytes when serialized. Stored and answered unchanged.`),
  );
}

/** The parameters of an operation that has none: an empty object and nothing else. */
export const noParams = v.strictObject({});

/**
 * Checks that a request has no parameters.
 *
 * @throws `form_param_unknown`
 */
export function parseNoParams(input: unknown): void {
  parseParams(noParams, input);
}
