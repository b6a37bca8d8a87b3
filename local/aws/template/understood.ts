import * as v from 'valibot';

/** A part of a template, to be read. */
export interface Part {
  /** The logical id of its resource. */
  readonly id: string;
  /** The name of the part in an error message. */
  readonly name: string;
  readonly value: unknown;
}

/**
 * Parses a part of a template.
 *
 * @throws Error naming the resource and the member that the schema does not accept
 */
export function understood<S extends v.GenericSchema>(schema: S, { id, name, value }: Part): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new Error(`The local run cannot use ${id}: ${v.getDotPath(issue) ?? name}: ${issue.message}`);
}

/** A member of a policy, which is one text or a list of texts. */
export const oneOrMore = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => [value].flat()),
);
