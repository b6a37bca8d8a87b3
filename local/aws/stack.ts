import * as v from 'valibot';
import { kmsKeyId } from './account.ts';
import type { Assembly } from './assembly.ts';
import { type LocalTable, tableProperties } from './dynamodb/tables.ts';
import { authorizerProperties } from './http-api/authorizers.ts';
import type { RouteDefinition } from './http-api/routes.ts';
import type { Caller, ResourcePolicies } from './iam/authorize.ts';
import { keyPoliciesOf } from './iam/key-policy.ts';
import { roleOf } from './iam/role.ts';
import type { FunctionDefinition } from './lambda/environment.ts';
import { resolver } from './template/intrinsics.ts';
import type { Resolve, Template } from './template/template.ts';
import { understood } from './template/understood.ts';

const functionProperties = v.object({
  Code: v.object({ S3Key: v.string() }),
  Handler: v.string(),
  Timeout: v.optional(v.number(), 3),
  MemorySize: v.optional(v.number(), 128),
  Environment: v.optional(v.object({ Variables: v.record(v.string(), v.string()) }), { Variables: {} }),
});
const integrationProperties = v.object({ IntegrationUri: v.string(), PayloadFormatVersion: v.literal('2.0') });
// Authorizers and CORS that are not understood are refused: the stack would run here without them.
const routeProperties = v.object({
  RouteKey: v.string(),
  Target: v.pipe(v.string(), v.startsWith('integrations/')),
  AuthorizationType: v.optional(v.picklist(['NONE', 'CUSTOM']), 'NONE'),
  AuthorizerId: v.optional(v.string()),
});
const mappingProperties = v.object({
  EventSourceArn: v.string(),
  FunctionName: v.string(),
  BatchSize: v.optional(v.number(), 100),
  StartingPosition: v.literal('TRIM_HORIZON'),
});
const apiProperties = v.object({ CorsConfiguration: v.optional(v.undefined()) });

type Properties = v.ObjectSchema<v.ObjectEntries, undefined>;

/** A function that a route or a stream leads to, with its role. */
type StackFunction = FunctionDefinition & Caller;

/** A stream that invokes a function. */
export interface StreamMapping {
  /** The table whose stream it is. */
  readonly table: string;
  readonly streamArn: string;
  readonly functionName: string;
  readonly batchSize: number;
}

/** The parts of a synthesized stack that run on this machine. */
export interface Stack {
  readonly tables: readonly LocalTable[];
  readonly kmsKeyIds: readonly string[];
  readonly keyPolicies: ResourcePolicies;
  readonly functions: readonly StackFunction[];
  readonly routes: readonly RouteDefinition[];
  readonly streams: readonly StreamMapping[];
}

interface Reading extends Pick<Assembly, 'template' | 'assetDirectory'> {
  readonly resolve: Resolve;
}

/** Resolves only the members that the schema names: others may refer to what exists in AWS alone. */
function parseProperties<S extends Properties>({ template, resolve }: Reading, schema: S, id: string) {
  const properties = Object.entries(template.Resources[id]?.Properties ?? {});
  const used = Object.fromEntries(properties.filter(([name]) => name in schema.entries));
  return understood(schema, { id, name: 'its properties', value: resolve(used) });
}

function idsOf({ Resources }: Template, ...types: readonly string[]): readonly string[] {
  return Object.keys(Resources).filter((id) => types.includes(Resources[id]?.Type ?? ''));
}

/** Returns the name of the function that a URI of API Gateway leads to. */
function functionIn(uri: string): string {
  return /:function:([^:/]+)/.exec(uri)?.[1] ?? uri;
}

function readRoute(reading: Reading, id: string): RouteDefinition {
  const { RouteKey, Target, AuthorizationType, AuthorizerId = '' } = parseProperties(reading, routeProperties, id);
  const integration = parseProperties(reading, integrationProperties, Target.slice('integrations/'.length));
  const route = { routeKey: RouteKey, functionName: functionIn(integration.IntegrationUri) };
  if (AuthorizationType === 'NONE') return route;
  const { AuthorizerUri } = parseProperties(reading, authorizerProperties, AuthorizerId);
  return { ...route, authorizer: functionIn(AuthorizerUri) };
}

function readStream(reading: Reading, id: string): StreamMapping {
  const { EventSourceArn, FunctionName, BatchSize } = parseProperties(reading, mappingProperties, id);
  const table = /:table\/([^/]+)\/stream\//.exec(EventSourceArn)?.[1] ?? '';
  return { table, streamArn: EventSourceArn, functionName: FunctionName, batchSize: BatchSize };
}

function readFunction(reading: Reading, name: string): StackFunction {
  const { template, resolve, assetDirectory } = reading;
  if (!template.Resources[name])
    throw new Error(`A route or a stream leads to ${name}, which is not a function of this stack.`);
  const properties = parseProperties(reading, functionProperties, name);
  return {
    name,
    directory: assetDirectory(properties.Code.S3Key),
    handler: properties.Handler,
    timeoutSeconds: properties.Timeout,
    memoryMegabytes: properties.MemorySize,
    environment: properties.Environment.Variables,
    role: roleOf({ template, resolve }, template.Resources[name].Properties.Role),
  };
}

/**
 * Reads the tables, KMS keys, routes and streams of a synthesized stack, and the functions behind them.
 *
 * @param apiEndpoint the URL that the stack takes for that of its API
 * @throws Error when the stack would behave differently in AWS, naming the resource
 */
export function stackFrom({ template, stackName, assetDirectory }: Assembly, apiEndpoint: string): Stack {
  const resolve = resolver({ template, stackName, apiEndpoint });
  const reading: Reading = { template, assetDirectory, resolve };
  for (const id of idsOf(template, 'AWS::ApiGatewayV2::Api')) parseProperties(reading, apiProperties, id);
  const routes = idsOf(template, 'AWS::ApiGatewayV2::Route').map((id) => readRoute(reading, id));
  const streams = idsOf(template, 'AWS::Lambda::EventSourceMapping').map((id) => readStream(reading, id));
  const invoked = new Set([
    ...routes.flatMap(({ functionName, authorizer = functionName }) => [functionName, authorizer]),
    ...streams.map(({ functionName }) => functionName),
  ]);
  return {
    tables: idsOf(template, 'AWS::DynamoDB::GlobalTable', 'AWS::DynamoDB::Table').map((name) => ({
      name,
      ...parseProperties(reading, tableProperties, name),
    })),
    kmsKeyIds: idsOf(template, 'AWS::KMS::Key').map(kmsKeyId),
    keyPolicies: keyPoliciesOf(template, resolve),
    functions: [...invoked].map((name) => readFunction(reading, name)),
    routes,
    streams,
  };
}
