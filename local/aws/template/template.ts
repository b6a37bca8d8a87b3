import * as v from 'valibot';

const resourceSchema = v.object({ Type: v.string(), Properties: v.optional(v.record(v.string(), v.unknown()), {}) });

export const templateSchema = v.object({ Resources: v.record(v.string(), resourceSchema) });

export type Template = v.InferOutput<typeof templateSchema>;

/** Returns the value of a template with its intrinsic functions resolved. */
export type Resolve = (value: unknown) => unknown;
