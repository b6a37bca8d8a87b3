import * as v from 'valibot';
import { lambdaAuthorizer } from './authorizers.ts';
import { keyPoliciesOf } from './key-policy.ts';
import type { Statement } from './policy.ts';
import { type Role, roleOf } from './role.ts';
import type { Assembly } from './synthesize.ts';
import { kmsKeyId, resolver } from './template.ts';

const keySchema = v.array(v.object({ AttributeName: v.string(), KeyType: v.picklist(['HASH', 'RANGE']) }));
const projection = v.object({
  ProjectionType: v.picklist(['ALL', 'KEYS_ONLY', 'INCLUDE']),
  NonKeyAttributes: v.optional(v.array(v.string())),
});
const index = v.object({ IndexName: v.string(), KeySchema: keySchema, Projection: projection });

const table = v.object({
  KeySchema: keySchema,
  AttributeDefinitions: v.array(v.object({ AttributeName: v.string(), AttributeType: v.picklist(['S', 'N', 'B']) })),
  GlobalSecondaryIndexes: v.optional(v.array(index)),
});

const lambdaFunction = v.object({
  Code: v.object({ S3Key: v.string() }),
  Handler: v.string(),
  Timeout: v.optional(v.number(), 3),
  MemorySize: v.optional(v.number(), 128),
  Environment: v.optional(v.object({ Variables: v.record(v.string(), v.string()) }), { Variables: {} }),
});

const integration = v.object({ IntegrationUri: v.string(), PayloadFormatVersion: v.literal('2.0') });

// What is not understood of authorizers and CORS must not be passed over: the stack would run here without it.
const route = v.object({
  RouteKey: v.string(),
  Target: v.pipe(v.string(), v.startsWith('integrations/')),
  AuthorizationType: v.optional(v.picklist(['NONE', 'CUSTOM']), 'NONE'),
  AuthorizerId: v.optional(v.string()),
});
const api = v.object({ CorsConfiguration: v.optional(v.undefined()) });

type PropertiesSchema = v.ObjectSchema<v.ObjectEntries, undefined>;

export type TableDefinition = v.InferOutput<typeof table> & { readonly name: string };

export interface FunctionDefinition {
  readonly name: string;
  /** The unpacked bundle. */
  readonly directory: string;
  /** As in the template: file without extension, dot, export. */
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly role: Role;
}

export interface RouteDefinition {
  /** `METHOD /path/{parameter}` or `$default`. */
  readonly routeKey: string;
  readonly functionName: string;
  /** The function that is asked first, whether to let a request through. */
  readonly authorizer?: string;
}

export interface Stack {
  readonly tables: readonly TableDefinition[];
  readonly kmsKeyIds: readonly string[];
  /** By the ARN of the key. */
  readonly keyPolicies: ReadonlyMap<string, readonly Statement[]>;
  readonly functions: readonly FunctionDefinition[];
  readonly routes: readonly RouteDefinition[];
}

/** The function that a URI of API Gateway leads to. */
function functionOf(uri = ''): string {
  return /:function:([^:/]+)/.exec(uri)?.[1] ?? uri;
}

/** Reads from a synthesized stack what runs locally: its tables, KMS keys, routes, and the functions behind the routes. */
export function stackFrom(assembly: Assembly, apiEndpoint: string): Stack {
  const { template, stackName, assetDirectory } = assembly;
  const resolve = resolver(template, { stackName, apiEndpoint });

  function resources<S extends PropertiesSchema>(schema: S, ...types: string[]): Map<string, v.InferOutput<S>> {
    const found = Object.entries(template.Resources).filter(([, resource]) => types.includes(resource.Type));
    return new Map(found.map(([id, resource]) => [id, parseProperties(schema, id, resource.Properties)]));
  }

  // Only the properties that are used are resolved: the others may refer to what exists in AWS alone, such as roles.
  function parseProperties<S extends PropertiesSchema>(schema: S, id: string, properties: object): v.InferOutput<S> {
    const used = Object.entries(properties).filter(([name]) => name in schema.entries);
    const result = v.safeParse(schema, resolve(Object.fromEntries(used)));
    if (result.success) return result.output;
    throw new Error(`The local run cannot use ${id}: ${v.getDotPath(result.issues[0])}: ${result.issues[0].message}`);
  }

  resources(api, 'AWS::ApiGatewayV2::Api');
  const integrations = resources(integration, 'AWS::ApiGatewayV2::Integration');
  const authorizers = resources(lambdaAuthorizer, 'AWS::ApiGatewayV2::Authorizer');
  const routes = [...resources(route, 'AWS::ApiGatewayV2::Route').values()].map((properties) => {
    const { RouteKey, Target, AuthorizationType, AuthorizerId = '' } = properties;
    const functionName = functionOf(integrations.get(Target.slice('integrations/'.length))?.IntegrationUri);
    if (AuthorizationType === 'NONE') return { routeKey: RouteKey, functionName };
    return { routeKey: RouteKey, functionName, authorizer: functionOf(authorizers.get(AuthorizerId)?.AuthorizerUri) };
  });
  const routed = new Set(routes.flatMap(({ functionName, authorizer = functionName }) => [functionName, authorizer]));
  return {
    tables: [...resources(table, 'AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table')].map(([name, definition]) => ({
      name,
      ...definition,
    })),
    kmsKeyIds: [...resources(v.object({}), 'AWS::KMS::Key').keys()].map(kmsKeyId),
    keyPolicies: keyPoliciesOf(template, resolve),
    functions: [...routed].map((name) => {
      const properties = template.Resources[name]?.Properties;
      if (!properties) throw new Error(`A route leads to ${name}, which is not a function of this stack.`);
      const definition = parseProperties(lambdaFunction, name, properties);
      return {
        name,
        directory: assetDirectory(definition.Code.S3Key),
        handler: definition.Handler,
        timeoutSeconds: definition.Timeout,
        memoryMegabytes: definition.MemorySize,
        environment: definition.Environment.Variables,
        role: roleOf({ template, resolve }, properties.Role),
      };
    }),
    routes,
  };
}
