import { toJsonSchema } from '@valibot/to-json-schema';
import { policySchema } from './policy-schema.ts';

/** Returns the JSON Schema of a policy file, which editors read to complete and check it. */
export function policyJsonSchema(): object {
  const schema = toJsonSchema(policySchema, { target: 'draft-07', ignoreActions: ['check'], typeMode: 'input' });
  return { title: 'A policy: who may become whom', ...schema };
}
