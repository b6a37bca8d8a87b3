// Items and their attributes, for records.
import * as v from 'valibot';
import { ApiError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { epochMs } from '../base/time.ts';
import type { Item } from './item.ts';

/**
 * The values of an item.
 *
 * @throws `service_unavailable` when the item is no such record. Nothing is decided from a record that cannot be read.
 */
export function recordFrom<Entries extends v.ObjectEntries>(
  schema: v.ObjectSchema<Entries, undefined>,
  item: Item,
): v.InferOutput<v.ObjectSchema<Entries, undefined>> {
  const result = v.safeParse(schema, item);
  if (!result.success) throw new ApiError('service_unavailable').causedBy(new v.ValiError(result.issues));
  return result.output;
}

/** An instant that can be written as a date. Source: ECMA-262, Time Values. */
export const instant = v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e15), v.transform(epochMs));

/** No text that is stored is longer. One that somebody wrote can nest more deeply than it could be written again. */
const LONGEST_JSON = limits.userMetadataBytes;

/** An object that is stored as JSON text. */
export function jsonText<Value extends object>() {
  return v.pipe(
    v.string(),
    v.maxLength(LONGEST_JSON),
    v.parseJson(),
    v.custom<Value>((value) => typeof value === 'object' && value !== null),
  );
}
