import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { document as written } from '../../cdk/openapi/document.ts';
import { openapiDocument } from '../../functions/fallback/get-openapi.ts';
import { routes } from '../../functions/routes.ts';
import { createActorTokenBody } from '../../shared/actor-tokens/actor-token-schema.ts';
import { ApiError } from '../../shared/base/errors.ts';
import { limits } from '../../shared/base/limits.ts';
import { parseParams } from '../../shared/base/params.ts';

type Node = Readonly<Record<string, unknown>>;

const body = createActorTokenBody({
  maxTicketLifeInSeconds: limits.ticketLifeInSeconds.max,
  maxSessionDurationInSeconds: limits.sessionMaxDurationInSeconds.max,
});

const document = JSON.parse(openapiDocument());
const ajv = new Ajv2020({ strict: false });
addFormats.default(ajv);
ajv.addSchema(document, 'openapi.json');

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];
const operations = Object.entries<Node>(document.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ path, method, operation: Object(operation) })),
);

/** Every object in the document, with the pointer to it. */
function* nodes(value: unknown, pointer = ''): Generator<{ readonly pointer: string; readonly node: Node }> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield { pointer, node: value as Node };
  for (const [key, each] of Object.entries(value))
    yield* nodes(each, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
}

function resolved(reference: string): unknown {
  const keys = reference.replace(/^#\//, '').split('/');
  return keys.reduce<unknown>((value, key) => Object(value)[key.replaceAll('~1', '/').replaceAll('~0', '~')], document);
}

/** A schema of the document, which is no longer in it. */
function inDocument(schema: unknown): Node {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi.json#/'));
}

const references = [...nodes(document)].flatMap(({ node }) => (typeof node.$ref === 'string' ? [node.$ref] : []));

describe('the OpenAPI document', () => {
  test('is answered as the schemas that check parameters and answers make it', () => {
    expect(document).toEqual(JSON.parse(JSON.stringify(written)));
  });

  test('is a valid one of version 3.1', async () => {
    const validator = new Validator();

    const result = await validator.validate(document);

    expect(result).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  test('has every route, and nothing else', () => {
    const documented = operations.map(({ method, path }) => `${method} ${path}`);

    const listed = routes.map(({ method, path }) => `${method.toLowerCase()} ${path.replace('+}', '}')}`);
    expect(documented.toSorted()).toEqual(listed.toSorted());
    expect(operations.every(({ method }) => METHODS.includes(method))).toBe(true);
  });

  test('names each operation once', () => {
    const ids = operations.map(({ operation }) => operation.operationId);

    expect(ids.toSorted()).toEqual(routes.map(({ operation }) => operation).toSorted());
  });

  test('refers only to what it has, and to all of it', () => {
    const kinds = ['schemas', 'responses', 'parameters', 'headers'];
    const components = kinds.flatMap((kind) =>
      Object.keys(document.components[kind]).map((name) => `#/components/${kind}/${name}`),
    );

    expect(references.filter((each) => resolved(each) === undefined)).toEqual([]);
    expect(components.filter((each) => !references.includes(each))).toEqual([]);
  });

  test('describes each operation, and gives an example of each JSON body that is one', () => {
    const bodies = operations.flatMap(({ operation }) => [
      ...(operation.requestBody ? [operation.requestBody] : []),
      ...Object.entries<Node>(operation.responses).flatMap(([status, answer]) => (status < '400' ? [answer] : [])),
    ]);
    const contents = bodies.flatMap(({ content }) => Object.entries<Node>(Object(content)));
    const structured = contents.filter(([type]) => type !== 'text/html' && type !== 'text/javascript');
    const faulty = structured.filter(([, { schema, example }]) => !ajv.validate(inDocument(schema), example));

    expect(operations.filter(({ operation }) => !/^[A-Z].*\.$/.test(operation.description))).toEqual([]);
    expect(structured.length).toBeGreaterThan(operations.length);
    expect(faulty.map(([, { example }]) => example)).toEqual([]);
  });

  test('knows no property of Unicode, no tuple and no list without a schema of its entries', () => {
    const all = [...nodes(document)];

    expect(all.filter(({ node }) => typeof node.pattern === 'string' && /\\[pP]\{/.test(node.pattern))).toEqual([]);
    expect(all.filter(({ node }) => node.type === 'array' && typeof node.items !== 'object')).toEqual([]);
  });

  test('describes each parameter of a query', () => {
    const parameters = operations.flatMap(({ operation }) => operation.parameters ?? []);

    expect(parameters.filter((each: Node) => each.in === 'query' && !each.description)).toEqual([]);
  });

  test('names the scope that the secret key must have', () => {
    const scopeIn = ({ security: [asked] }: { security: { secretKey?: string[] }[] }) => asked?.secretKey ?? [];
    const named = operations.map(({ operation }) => [operation.operationId, scopeIn(operation as never)]);

    const stated = routes.map(({ operation, scope = 'any' }) => [operation, scope === 'any' ? [] : [scope]]);
    expect(Object.fromEntries(named)).toEqual(Object.fromEntries(stated));
    expect(named.filter(([, scopes]) => scopes?.length === 1)).not.toHaveLength(0);
  });

  test('asks for a secret key or a cookie wherever its operation does', () => {
    const asked = operations.map(({ operation }) => [
      operation.operationId,
      Object.keys(operation.security[0] ?? {})[0],
    ]);

    const schemes = { backend: 'secretKey', frontend: 'clientCookie', public: undefined };
    const expected = routes.map(({ operation, audience }) => [operation, schemes[audience]]);
    expect(Object.fromEntries(asked)).toEqual(Object.fromEntries(expected));
  });

  test('has examples that match their schemas', () => {
    const withExamples = [...nodes(document)].filter(({ node }) => Array.isArray(node.examples));

    expect(withExamples.length).toBeGreaterThan(1);
    for (const { pointer, node } of withExamples)
      for (const example of node.examples as unknown[])
        expect(ajv.validate({ $ref: `openapi.json#${encodeURI(pointer)}` }, example), pointer).toBe(true);
  });
});

describe('a documented body is what the operation takes:', () => {
  const documented = document.paths['/v1/actor_tokens'].post.requestBody.content['application/json'].schema;
  const pointer = '/paths/~1v1~1actor_tokens/post/requestBody/content/application~1json/schema';
  const isDocumented = ajv.compile({ $ref: `openapi.json#${pointer}` });
  const { max } = limits.ticketLifeInSeconds;
  const valid = { user_id: 'user_x', actor: { sub: 'a' } };

  function isTaken(params: unknown): boolean {
    try {
      parseParams(body, params);
      return true;
    } catch (error) {
      if (error instanceof ApiError) return false;
      throw error;
    }
  }

  test.each([
    ['the least', valid, true],
    ['no user', { actor: valid.actor }, false],
    ['an empty user', { ...valid, user_id: '' }, false],
    ['a line break', { ...valid, user_id: 'user\n' }, false],
    ['a user of blanks', { ...valid, user_id: '  ' }, false],
    ['a bidi control', { ...valid, user_id: 'a\u202eb' }, false],
    ['no actor', { user_id: 'user_x' }, false],
    ['an actor without sub', { ...valid, actor: {} }, false],
    ['a sub that is a number', { ...valid, actor: { sub: 1 } }, false],
    ['a sub of blanks', { ...valid, actor: { sub: '\u00a0 ' } }, false],
    ['a sub with a zero-width space', { ...valid, actor: { sub: 'a\u200bb' } }, false],
    ['a sub with a joiner between letters that need one', { ...valid, actor: { sub: 'می\u200cخواهم' } }, true],
    [
      'a name of the actor with bidi controls, which is carried',
      { ...valid, actor: { sub: 'a', name: '\u202eb' } },
      true,
    ],
    ['the longest sub', { ...valid, actor: { sub: 'a'.repeat(limits.actorSubLength) } }, true],
    ['a longer sub', { ...valid, actor: { sub: 'a'.repeat(limits.actorSubLength + 1) } }, false],
    ['more of the actor', { ...valid, actor: { sub: 'a', team: ['x'] } }, true],
    ['an actor that is a list', { ...valid, actor: ['a'] }, false],
    ['the longest life', { ...valid, expires_in_seconds: max }, true],
    ['a longer life', { ...valid, expires_in_seconds: max + 1 }, false],
    ['the shortest life', { ...valid, expires_in_seconds: 1 }, true],
    ['no life', { ...valid, expires_in_seconds: 0 }, false],
    ['half a second', { ...valid, expires_in_seconds: 1.5 }, false],
    ['a life in digits', { ...valid, expires_in_seconds: '60' }, false],
    ['null for a default', { ...valid, expires_in_seconds: null, session_max_duration_in_seconds: null }, true],
    ['an unknown member', { ...valid, expire_in_seconds: 60 }, false],
  ])('%s', (_, params, verdict) => {
    expect([isTaken(params), isDocumented(params)]).toEqual([verdict, verdict]);
  });

  test('half a surrogate pair and a hidden character beyond U+FFFF are refused, although the portable pattern does not say so', () => {
    const hidden = [
      { ...valid, user_id: '\ud800' },
      { ...valid, user_id: 'a\u{e0001}' },
    ];

    expect(hidden.map(isTaken)).toEqual([false, false]);
    expect(hidden.map((params) => isDocumented(params))).toEqual([true, true]);
  });

  test('its members are those of the schema that parses it', () => {
    expect(Object.keys(documented.properties)).toEqual(Object.keys(body.entries));
    expect(v.isOfType('strict_object', body)).toBe(documented.additionalProperties === false);
  });
});
