import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { LambdaName } from '../functions/routes.ts';
import type { Authority } from '../shared/base/operators.ts';
import { addOutputs } from './add-outputs.ts';
import { Audit } from './audit.ts';
import { createAuthority } from './authority.ts';
import { lambdaNames } from './bundle/bundle.ts';
import { parseConfig } from './config/config.ts';
import type { Config, ConfigInput } from './config/schema.ts';
import { createCustomDomain } from './custom-domain.ts';
import { type FunctionEnvironment, functionEnvironment } from './environment.ts';
import { allowSigning, statements } from './grants.ts';
import { addRoutes, createAccessLogs, createHttpApi } from './http-api.ts';
import { createAlarms } from './monitoring/alarms.ts';
import { createDashboard } from './monitoring/dashboard.ts';
import { HealthCheck } from './monitoring/health-check.ts';
import { createQueries } from './monitoring/queries.ts';
import { namePrefixOf } from './name-prefix.ts';
import { requireOneRegion } from './one-region.ts';
import { type Outputs, outputsOf } from './outputs.ts';
import { pascalCase } from './pascal-case.ts';
import { maySign, permissions } from './permissions.ts';
import { ProductFunction } from './product-function.ts';
import { protectionOf } from './protection.ts';
import { createSigningKeys, type SigningKeys } from './signing-key.ts';
import { createTables, type Tables } from './tables.ts';
import { publishableKeyOf, urlsOf } from './urls.ts';

/**
 * A person waits for the functions that sign, and mostly for a cold start. Twice the memory more than halves that wait, for a tenth more of
 * the price (docs/performance.md).
 */
const MEMORY_TO_SIGN_IN_MEGABYTES = 1024;

/** The choices of an instance. All of them are optional. */
export interface ActorTokensProps extends Omit<ConfigInput, 'stackName'> {
  /**
   * The beginning of the names of the HTTP API, alarms, dashboard, saved queries, log group of the access log and key aliases: up to 32
   * letters, digits and hyphens, beginning with a letter. Two instances in one account and Region need two. Default: the name of the
   * stack and the id of the construct, such as `Support-ActorTokens`.
   */
  readonly namePrefix?: string;
}

/**
 * One instance of Actor Tokens, in any stack: tables, signing keys, functions, the HTTP API in front of them, the log of the record,
 * alarms, a dashboard and saved queries. Its values are outputs of the stack, whose names begin with the id of the construct:
 * `ActorTokensApiUrl`.
 */
export class ActorTokens extends Construct {
  /** The props, with every default. */
  readonly config: Config;
  /** The URL of the Backend API, without a trailing slash: the `apiUrl` of `@clerk/backend`. */
  readonly apiUrl: string;
  /** The URL of the Frontend API, without a trailing slash. It is the claim `iss` of session tokens too. */
  readonly frontendApiUrl: string;
  /** The `publishableKey` of clerk-js. */
  readonly publishableKey: string;
  /** The tables that the functions use: the instance's own, or the restored ones. */
  readonly tables: Tables;
  readonly keys: SigningKeys;
  /** The operators and the policy, as the functions read them; undefined where neither is configured. */
  readonly authority: Authority | undefined;
  /** The log of the record; undefined where the audit is off. */
  readonly audit: Audit | undefined;
  /** The function that requests the public URLs; undefined without `healthCheck`. */
  readonly healthCheck: HealthCheck | undefined;
  readonly api: HttpApi;
  readonly accessLogs: LogGroup;
  readonly functions: ReadonlyMap<LambdaName, LambdaFunction>;
  /** The role of each function. */
  readonly roles: ReadonlyMap<LambdaName, Role>;
  /** The values that servers, browsers and the commands need, by the names of the stack's outputs without the construct's id. */
  readonly outputs: Outputs;

  /** @throws an error that says what to write, if a prop has a wrong value or contradicts another one */
  constructor(scope: Construct, id: string, { namePrefix, ...props }: ActorTokensProps = {}) {
    super(scope, id);
    this.config = parseConfig({ ...props, stackName: namePrefixOf(this, namePrefix) });
    this.tables = createTables(this, this.config);
    requireOneRegion(this);
    this.keys = createSigningKeys(this, this.config);
    const domainName = createCustomDomain(this, this.config);
    this.accessLogs = createAccessLogs(this, this.config);
    this.api = createHttpApi(this, this.config, { accessLogs: this.accessLogs, domainName });
    const urls = urlsOf(this.config, this.api);
    this.apiUrl = urls.api;
    this.frontendApiUrl = urls.frontendApi;
    this.publishableKey = publishableKeyOf(urls);
    this.authority = createAuthority(this, this.config);
    const environment = functionEnvironment(this);
    const created = [...this.createFunctions(environment)];
    this.functions = new Map(created.map(([lambda, { fn }]) => [lambda, fn]));
    this.roles = new Map(created.map(([lambda, { role }]) => [lambda, role]));
    addRoutes(this.api, this.functions);
    const { config, tables } = this;
    this.audit = config.audit === 'on' ? new Audit(this, 'Audit', { config, tables, environment }) : undefined;
    this.healthCheck = config.healthCheck ? new HealthCheck(this, 'HealthCheck', this) : undefined;
    createDashboard(this, this, createAlarms(this, this));
    createQueries(this, this);
    this.outputs = outputsOf(this, { environment: { ...environment, ...this.audit?.variables }, domainName });
    addOutputs(this, this.outputs);
  }

  private createFunctions(environment: FunctionEnvironment): ReadonlyMap<LambdaName, ProductFunction> {
    const { tables, keys, config, authority } = this;
    return new Map(
      lambdaNames.map((lambda) => {
        const created = new ProductFunction(this, pascalCase(lambda), {
          lambda,
          authority: authority && JSON.stringify(authority),
          environment,
          statements: statements(permissions[lambda], tables, keys),
          protection: protectionOf(config),
          ...(maySign(permissions[lambda]) && { memoryInMegabytes: MEMORY_TO_SIGN_IN_MEGABYTES }),
          // A flood of other requests must not delay a revocation.
          reservedConcurrency: lambda.startsWith('revoke-') ? config.revokeConcurrency : undefined,
        });
        allowSigning(created.role, permissions[lambda], keys);
        return [lambda, created] as const;
      }),
    );
  }
}
