// The parameters and bodies of requests, as OpenAPI describes them.
import type * as v from 'valibot';
import type { Route } from '../../functions/route.ts';
import { type IdPrefix, idPattern } from '../../shared/base/ids.ts';
import { noParams } from '../../shared/base/params.ts';
import { sampleOf } from './examples.ts';
import { type JsonSchema, jsonSchema } from './json-schema.ts';

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

const PREFIXES: Readonly<Record<string, IdPrefix>> = {
  actor_token_id: 'act',
  session_id: 'sess',
  sign_in_id: 'sia',
};

function pathParameters(path: string): readonly Parameter[] {
  return [...path.matchAll(/\{([^}+]+)\+?\}/g)].map(([, name = '']) => {
    const prefix = PREFIXES[name];
    return {
      name,
      in: 'path',
      required: true,
      schema: { type: 'string', ...(prefix && { pattern: idPattern(prefix) }) },
    };
  });
}

function isOptional({ type }: v.GenericSchema): boolean {
  return type === 'optional' || type === 'nullish' || type === 'exact_optional';
}

/** The schema that parses a query has the default of an integer as text. */
function queryParameter([name, entry]: readonly [string, v.GenericSchema]): Parameter {
  const { description, ...schema } = jsonSchema(entry);
  const isTextDefault = schema.type === 'integer' && typeof schema.default === 'string';
  return {
    name,
    in: 'query',
    ...(!isOptional(entry) && { required: true }),
    ...(typeof description === 'string' && { description }),
    schema: isTextDefault ? { ...schema, default: Number(schema.default) } : schema,
  };
}

/** The parameters in the path and the query. */
export function parametersOf({ path, query }: Route): readonly Parameter[] {
  return [...pathParameters(path), ...Object.entries(query?.entries ?? {}).map(queryParameter)];
}

/** A body is required if one of its members is. */
function bodyOf(mediaType: string, schema: JsonSchema, examples: readonly object[] = []): object {
  const required = Array.isArray(schema.required) && schema.required.length > 0;
  const example = examples[0] ?? sampleOf(schema);
  return { required, content: { [mediaType]: { schema, example } } };
}

/** The body of a request; undefined for an operation without parameters. */
export function requestBodyOf({ json, form, examples }: Route): object | undefined {
  if (json === noParams) return undefined;
  if (json) return bodyOf('application/json', jsonSchema(json), examples);
  return form && bodyOf('application/x-www-form-urlencoded', jsonSchema(form));
}
