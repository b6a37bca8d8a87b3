import { sample } from 'openapi-sampler';
import { componentSchemas, type JsonSchema } from './json-schema.ts';

const document = { components: { schemas: componentSchemas() } };

/** An example of a schema: made of the examples, constants and first choices in it. */
export function sampleOf(schema: JsonSchema): unknown {
  return sample(schema, {}, document);
}
