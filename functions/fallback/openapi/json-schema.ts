// JSON Schema (draft 2020-12, which OpenAPI 3.1 takes), and the few forms of it that our answers are made of.
import type { IdPrefix } from '../../../shared/base/ids.ts';

export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

type Properties = Readonly<Record<string, JsonSchema>>;

/** An object with exactly these members; those in `optional` may be absent. */
export function exactly(properties: Properties, optional: Properties = {}): JsonSchema {
  return {
    type: 'object',
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

/** A resource: `object` says which, then its members. */
export function resource(object: string, properties: Properties, optional: Properties = {}): JsonSchema {
  return exactly({ object: constant(object), ...properties }, optional);
}

/** A published id: its prefix and a KSUID. Instances and activities have one of the same form. */
export function id(prefix: IdPrefix | 'ins' | 'sact'): JsonSchema {
  return { type: 'string', pattern: `^${prefix}_[0-9A-Za-z]{27}$` };
}

/** What the document's components call `name`. */
export function reference(name: string): JsonSchema {
  return { $ref: `#/components/schemas/${name}` };
}

export function constant(value: string | number | boolean): JsonSchema {
  return { const: value };
}

export function oneOf(...values: readonly string[]): JsonSchema {
  return { type: 'string', enum: values };
}

export function listOf(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

export function nullable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, nothing] };
}

export function described(description: string, schema: JsonSchema): JsonSchema {
  return { ...schema, description };
}

/** When something was. */
export const at: JsonSchema = reference('Timestamp');
export const text: JsonSchema = { type: 'string' };
export const flag: JsonSchema = { type: 'boolean' };
export const nothing: JsonSchema = { type: 'null' };
export const anyObject: JsonSchema = { type: 'object' };
/** There is never anything in it here. */
export const emptyList: JsonSchema = { type: 'array', maxItems: 0 };
export const count: JsonSchema = { type: 'integer', minimum: 0 };
export const url: JsonSchema = { type: 'string', format: 'uri' };
