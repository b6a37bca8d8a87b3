import * as v from 'valibot';

/**
 * A part of the template, as far as the local run understands it.
 * @throws Error naming the resource and what of it is not understood; `whole` stands for the part itself.
 */
export function understood<S extends v.GenericSchema>(
  schema: S,
  id: string,
  value: unknown,
  whole: string,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Error(`The local run cannot use ${id}: ${v.getDotPath(issue) ?? whole}: ${issue.message}`);
}

/** What a policy may write as one text or as a list. */
export const oneOrMore = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => [value].flat()),
);
