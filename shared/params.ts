import * as v from 'valibot';
import { ApiError, type ErrorCode, type ErrorItem } from './errors.ts';

type Issue = v.BaseIssue<unknown>;

/** Codes a schema's own message can begin with, where valibot's kind of issue does not say it. */
const CODES_IN_MESSAGES: readonly ErrorCode[] = ['form_param_missing', 'form_param_exceeds_allowed_size'];

function codeOf(issue: Issue): ErrorCode {
  const isKeyIssue = issue.type === 'strict_object' || issue.type === 'object';
  if (isKeyIssue && issue.expected === 'never') return 'form_param_unknown';
  if (isKeyIssue && issue.received === 'undefined') return 'form_param_missing';
  if (issue.type === 'max_value') return 'form_param_value_too_large';
  return CODES_IN_MESSAGES.find((code) => issue.message.startsWith(code)) ?? 'form_param_value_invalid';
}

function errorItem(issue: Issue): ErrorItem {
  const code = codeOf(issue);
  const param_name = (issue.path ?? [])
    .map(({ key }) => String(key))
    .join('.')
    .slice(0, 100);
  const sentence = issue.message.startsWith('must ') ? { sentence: `${param_name} ${issue.message}.` } : {};
  return { code, meta: { param_name }, ...sentence };
}

/**
 * The input as the schema's type; every fault of it is named in one answer. A schema's own message is an error code, or
 * completes the sentence that begins with the parameter's name ("must be an integer …").
 *
 * @throws `form_param_missing`, `form_param_unknown`, `form_param_value_invalid`, `form_param_value_too_large`,
 * `form_param_exceeds_allowed_size`, each with `meta.param_name`
 */
export function parseParams<Schema extends v.GenericSchema>(schema: Schema, input: unknown): v.InferOutput<Schema> {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  const [first, ...more] = result.issues.map(errorItem);
  throw new ApiError(first ?? 'form_param_value_invalid', ...more);
}

/** An integer of JSON, within bounds. No coercion: `"60"`, `true` and `1.5` are refused. */
export function integerBetween({ min, max }: { readonly min: number; readonly max: number }) {
  const sentence = `must be an integer from ${min} to ${max}`;
  return v.pipe(v.number(sentence), v.safeInteger(sentence), v.minValue(min, sentence), v.maxValue(max, sentence));
}

/** A string without control characters or broken surrogates. */
export function printableString({ max }: { readonly max: number }) {
  return v.pipe(
    v.string('must be a string'),
    v.nonEmpty('must not be empty'),
    v.maxLength(max, `must have at most ${max} characters`),
    v.check((text) => !/[\p{Cc}\p{Cs}]/u.test(text), 'must not contain control characters'),
  );
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Numbers that JSON can spell but JavaScript cannot keep, and broken text, would come out changed. */
function isKeptUnchanged(value: JsonObject): boolean {
  let isKept = true;
  const text = JSON.stringify(value, (key, part: unknown) => {
    if (typeof part === 'number') isKept &&= Number.isFinite(part) && Math.abs(part) <= Number.MAX_SAFE_INTEGER;
    if (typeof part === 'string') isKept &&= part.isWellFormed() && !part.includes('\0');
    isKept &&= key.isWellFormed();
    return part;
  });
  return isKept && text !== undefined;
}

function isPlainObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A JSON object of a bounded size, passed on as the very object of the request: nothing in it is copied or dropped. */
export function jsonObject({ maxBytes }: { readonly maxBytes: number }) {
  return v.pipe(
    v.custom<JsonObject>(isPlainObject, 'must be an object'),
    v.check(isKeptUnchanged, 'must only hold numbers and text that can be kept unchanged'),
    v.check((value) => Buffer.byteLength(JSON.stringify(value)) <= maxBytes, 'form_param_exceeds_allowed_size'),
  );
}

/** For an operation without parameters: an empty object and nothing else. @throws `form_param_unknown` */
export function parseNoParams(input: unknown): void {
  parseParams(v.strictObject({}), input);
}
