import { type ConversionConfig, toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { components } from './components.ts';

/** JSON Schema (draft 2020-12, which OpenAPI 3.1 uses). */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

const config: ConversionConfig = {
  target: 'draft-2020-12',
  // JSON Schema has no keyword for these checks. Where another keyword has the same meaning, the schema has it as metadata.
  ignoreActions: ['check', 'raw_check', 'regex', 'transform'],
  // A schema that is a predicate has all its keywords as metadata.
  overrideSchema: ({ valibotSchema, jsonSchema }) => (valibotSchema.type === 'custom' ? jsonSchema : undefined),
  overrideRef: ({ referenceId }) => referenceTo(referenceId),
};

function referenceTo(name: string): string {
  return `#/components/schemas/${name}`;
}

/** As generators of clients know it: a constant has a type, and null alone is no schema. In a union, beside others, it is one. */
function forGenerators(value: unknown, key?: string): unknown {
  if (Array.isArray(value)) return value.map((each) => (key === 'anyOf' && isNull(each) ? each : forGenerators(each)));
  if (typeof value !== 'object' || value === null) return value;
  if (isNull(value)) return { ...value, type: ['string', 'null'], const: null };
  const members = Object.entries(value).map(([name, each]) => [name, forGenerators(each, name)]);
  const isConstant = 'const' in value && ['string', 'boolean', 'number'].includes(typeof value.const);
  return { ...(isConstant && { type: typeof value.const }), ...Object.fromEntries(members) };
}

function isNull(schema: unknown): boolean {
  return typeof schema === 'object' && schema !== null && 'type' in schema && schema.type === 'null';
}

function plain(schema: object): JsonSchema {
  return Object(forGenerators(schema));
}

/** A reference to a component. */
export function component(name: keyof typeof components): JsonSchema {
  return { $ref: referenceTo(name) };
}

/** All components, by their names. */
export function componentSchemas(): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(
    Object.entries(toJsonSchemaDefs(components, config)).map(([name, schema]) => [name, plain(schema)]),
  );
}

/** A schema as JSON Schema, in which the components are references. */
export function jsonSchema(schema: v.GenericSchema): JsonSchema {
  const {
    $schema: _draft,
    $defs: _components,
    ...converted
  } = toJsonSchema(schema, { ...config, definitions: components });
  return plain(converted);
}
