// What requests may say, made of the very schemas that parse them.
import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import {
  actor,
  actorSub,
  createActorTokenBody,
  longestLives,
} from '../../../shared/actor-tokens/actor-token-schema.ts';
import { limits } from '../../../shared/base/limits.ts';
import { noParams } from '../../../shared/base/params.ts';
import { createBackendSessionTokenBody, listSessionsQuery } from '../../../shared/sessions/session-schema.ts';
import { createUserBody, listUsersQuery } from '../../../shared/users/user-wire.ts';
import type { JsonSchema } from './json-schema.ts';

type ParamsSchema = v.StrictObjectSchema<v.ObjectEntries, undefined>;
type Action = v.PipeItem<unknown, unknown, v.BaseIssue<unknown>>;

/** What an action of ours that JSON Schema has no keyword for makes of the schema so far; undefined for any other. */
function converted(action: Action, schema: JsonSchema): JsonSchema | undefined {
  // `jsonObject`: its size in bytes is in its description.
  if (action.type === 'check') return schema;
  // Patterns of JSON Schema are read as Unicode, whatever their flags.
  if (action.type === 'regex' && 'requirement' in action && action.requirement instanceof RegExp)
    return { ...schema, pattern: action.requirement.source };
  // `queryInteger`: digits, which the schema says as the integer they spell.
  if (action.type === 'transform' && 'operation' in action && action.operation === Number) return { type: 'integer' };
  if (actor.pipe.some((item) => item === action) && action.type === 'raw_check')
    return { ...schema, properties: { sub: jsonSchema(actorSub) }, required: ['sub'] };
  return undefined;
}

function jsonSchema(schema: v.GenericSchema): JsonSchema {
  const { $schema: _draft, ...made } = toJsonSchema(schema, {
    target: 'draft-2020-12',
    overrideAction: ({ valibotAction, jsonSchema }) => converted(valibotAction, { ...jsonSchema }),
    // `jsonObject`, which takes the object as it is.
    overrideSchema: ({ valibotSchema }) => (valibotSchema.type === 'custom' ? { type: 'object' } : undefined),
  });
  return { ...made };
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

/** Defaults of integers in a query are spelled as a query spells them. */
function queryParameter([name, entry]: readonly [string, v.GenericSchema]): Parameter {
  const schema = jsonSchema(entry);
  const isSpelled = schema.type === 'integer' && typeof schema.default === 'string';
  return { name, in: 'query', schema: isSpelled ? { ...schema, default: Number(schema.default) } : schema };
}

function queryOf({ entries }: ParamsSchema): readonly Parameter[] {
  return Object.entries(entries).map(queryParameter);
}

export interface RequestBody {
  readonly required: boolean;
  readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

/** A JSON body is required as soon as one of its members is. */
function jsonBody(schema: ParamsSchema, examples: readonly object[] = []): RequestBody {
  const made = jsonSchema(schema);
  const required = Array.isArray(made.required) && made.required.length > 0;
  const shown = examples.length > 0 ? { ...made, examples } : made;
  return { required, content: { 'application/json': { schema: shown } } };
}

/** A form; fields besides these are ignored. */
function formBody(required: readonly string[], properties: Readonly<Record<string, JsonSchema>>): RequestBody {
  const schema = { type: 'object', properties, required };
  return { required: required.length > 0, content: { 'application/x-www-form-urlencoded': { schema } } };
}

const ticket = { type: 'string', maxLength: limits.ticketBytes, description: 'The `token` of an actor token.' };

export const bodies = {
  none: jsonBody(noParams),
  createActorToken: jsonBody(createActorTokenBody(longestLives), [
    {
      user_id: 'user_2Zwn4c4SnN4HHeTb8EK7pe29iof',
      actor: { sub: 'user_support' },
      expires_in_seconds: 600,
      session_max_duration_in_seconds: 1800,
    },
  ]),
  createBackendSessionToken: jsonBody(createBackendSessionTokenBody),
  createUser: jsonBody(createUserBody),
  createSignIn: formBody(['strategy', 'ticket'], { strategy: { const: 'ticket' }, ticket }),
  createSignUp: formBody([], { strategy: { type: 'string' }, ticket }),
  createSessionToken: formBody([], {
    tab_state: {
      type: 'string',
      description: 'What the page looks like to its user. But for `focused` and `visible` the call is no activity.',
    },
  }),
};

export const queries = {
  listSessions: queryOf(listSessionsQuery),
  listUsers: queryOf(listUsersQuery),
};
