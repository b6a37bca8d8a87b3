// The parts of the schemas of answers. A schema gives an answer its type and its description in the OpenAPI document. Answers are not
// parsed with it, so no bundle contains the files of these schemas (`*-answer.ts`).
import * as v from 'valibot';
import { type IdPrefix, idPattern, idSchema } from './ids.ts';
import type { EpochMs } from './time.ts';

/** A published id: its prefix and a KSUID. */
export function idOf<Prefix extends IdPrefix>(prefix: Prefix) {
  const examples = [`${prefix}_2Zwn4c4SnN4HHeTb8EK7pe29iof`];
  return v.pipe(idSchema(prefix), v.metadata({ type: 'string', pattern: idPattern(prefix), examples }));
}

/** A resource: the name of its kind in `object`, and its members. */
export function resource<Kind extends string, Entries extends v.ObjectEntries>(kind: Kind, entries: Entries) {
  return v.strictObject({ object: v.literal(kind), ...entries });
}

/** An instant. */
export const timestamp = v.pipe(
  v.custom<EpochMs>((value) => typeof value === 'number'),
  v.metadata({ type: 'integer', format: 'int64', description: 'Milliseconds since 1970.', examples: [1767225600000] }),
);

export const anyObject = v.pipe(
  v.custom<object>((value) => typeof value === 'object'),
  v.metadata({ type: 'object' }),
);

/** A list that is always empty here. */
export const emptyList = v.pipe(
  v.custom<never[]>((value) => Array.isArray(value) && value.length === 0),
  v.metadata({ type: 'array', items: {}, maxItems: 0, examples: [[]] }),
);

/** A page of a list that is always empty here. */
export const emptyPageAnswer = v.strictObject({ data: emptyList, total_count: v.literal(0) });

export const wholeNumber = v.pipe(v.number(), v.integer(), v.minValue(0));

export const url = v.pipe(v.string(), v.metadata({ format: 'uri', examples: ['https://clerk.example.com/'] }));

export const jwt = v.pipe(
  v.string(),
  v.metadata({ pattern: '^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$', examples: ['header.payload.signature'] }),
);

/** The envelope of the Frontend API: the requested object, and the client of this browser. */
export function enveloped<Response extends v.GenericSchema, Client extends v.GenericSchema>(
  response: Response,
  client: Client,
) {
  return v.strictObject({ response, client });
}
