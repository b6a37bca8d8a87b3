import * as v from 'valibot';
import { ApiError } from './errors.ts';
import { limits } from './limits.ts';
import { errorItem } from './params.ts';
import { epochMs } from './time.ts';

/**
 * The one value of a parameter; undefined when it is absent.
 *
 * @throws `form_param_duplicate`
 */
function singleValue(params: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = params.getAll(name);
  if (more.length > 0) throw new ApiError({ code: 'form_param_duplicate', meta: { param_name: name } });
  return value;
}

/**
 * Query parameters as an object for a strict schema. API Gateway joins repeated ones with commas, so they are read from the raw query
 * string. A name in `lists` becomes an array and may be repeated; any other name may not.
 *
 * @throws `form_param_duplicate`
 */
export function queryObject(query: URLSearchParams, lists: readonly string[] = []): Readonly<Record<string, unknown>> {
  const names = new Set([...query.keys()].filter((name) => name !== '__clerk_api_version'));
  return Object.fromEntries(
    [...names].map((name) => [name, lists.includes(name) ? query.getAll(name) : singleValue(query, name)]),
  );
}

/** An integer written in digits, within bounds. */
function queryInteger({ min, max }: { readonly min: number; readonly max: number }) {
  const sentence = `must be an integer from ${min} to ${max}`;
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,9}$/, sentence),
    v.transform(Number),
    v.metadata({ type: 'integer' }),
    v.minValue(min, sentence),
    v.maxValue(max, sentence),
  );
}

/** An instant as digits, in milliseconds since 1970. */
export const queryInstant = v.pipe(
  v.string(),
  v.regex(/^\d{1,15}$/, 'must be a number of milliseconds since 1970'),
  v.transform((value) => epochMs(Number(value))),
  v.metadata({ type: 'integer', format: 'int64', minimum: 0, maximum: 999_999_999_999_999 }),
);

/** A boolean as text, as OpenAPI describes it for clients. */
export const queryBoolean = v.pipe(
  v.picklist(['true', 'false'], 'must be true or false'),
  v.metadata({ type: 'boolean', enum: undefined }),
  v.transform((value) => value === 'true'),
);

/** `limit` and `offset` of every list. Source of bounds: Clerk's public OpenAPI document. */
export const pageParams = {
  limit: v.optional(
    v.pipe(queryInteger(limits.list), v.description('The number of entries, at most.')),
    String(limits.list.default),
  ),
  offset: v.optional(
    v.pipe(queryInteger({ min: 0, max: 999_999_999 }), v.description('The number of entries to skip.')),
    '0',
  ),
};

/**
 * The one value of a form field; undefined when it is absent or empty, because a form has no other way to send null.
 *
 * @throws `form_param_duplicate`
 */
export function formField(fields: URLSearchParams, name: string): string | undefined {
  return singleValue(fields, name) || undefined;
}

/**
 * The fields of a form as the schema's type. The answer names the first wrong field. Fields that the schema lacks are ignored,
 * because clerk-js sends several.
 *
 * @throws `form_param_duplicate`; the code of the first issue
 */
export function parseForm<Entries extends v.ObjectEntries>(
  schema: v.ObjectSchema<Entries, undefined>,
  form: URLSearchParams,
): v.InferOutput<v.ObjectSchema<Entries, undefined>> {
  const fields = Object.keys(schema.entries).map((name) => [name, formField(form, name)]);
  const result = v.safeParse(schema, Object.fromEntries(fields), { abortEarly: true });
  if (result.success) return result.output;
  throw new ApiError(errorItem(result.issues[0]));
}
