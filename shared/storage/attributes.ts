// Attributes of items, for the schemas of records.
import * as v from 'valibot';
import { epochMs } from '../base/time.ts';

/** An instant. */
export const instant = v.pipe(v.number(), v.transform(epochMs));

/** An object that is stored as JSON text. */
export function jsonText<Value extends object>() {
  return v.pipe(
    v.string(),
    v.parseJson(),
    v.custom<Value>((value) => typeof value === 'object' && value !== null),
  );
}
