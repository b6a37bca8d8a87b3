// Items and their attributes, for records.
import * as v from 'valibot';
import { ApiError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { epochMs } from '../base/time.ts';
import type { Item } from './item.ts';

/** An item is not the record that its table has. Nothing is decided from it. */
export class UnreadableRecordError extends ApiError {
  constructor(cause: unknown) {
    super('service_unavailable');
    this.causedBy(cause);
  }
}

/** The result of a function that reads a record; undefined when the record cannot be read, which is reported. */
export async function ifReadable<Result>(
  read: () => Result | Promise<Result>,
  report: (error: UnreadableRecordError) => void,
): Promise<Result | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof UnreadableRecordError)) throw error;
    report(error);
    return undefined;
  }
}

/**
 * The values of an item.
 *
 * @throws UnreadableRecordError (`service_unavailable`) when the item is no such record
 */
export function recordFrom<Entries extends v.ObjectEntries>(
  schema: v.ObjectSchema<Entries, undefined>,
  item: Item,
): v.InferOutput<v.ObjectSchema<Entries, undefined>> {
  const result = v.safeParse(schema, item);
  if (!result.success) throw new UnreadableRecordError(new v.ValiError(result.issues));
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
