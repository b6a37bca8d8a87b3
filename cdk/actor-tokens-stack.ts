import { Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { lambdaNames } from './bundle/bundle.ts';
import type { StackConfig } from './config.ts';
import { createCustomDomain } from './custom-domain.ts';
import { functionEnvironment } from './environment.ts';
import { allowSigning, statements } from './grants.ts';
import { addRoutes, createHttpApi } from './http-api.ts';
import { HttpFunction } from './http-function.ts';
import { addMonitoring } from './monitoring.ts';
import { requireOneRegion } from './one-region.ts';
import { addOutputs, urlsOf } from './outputs.ts';
import { permissions } from './permissions.ts';
import { createSigningKeys } from './signing-key.ts';
import { stages } from './stages.ts';
import { createTables } from './tables.ts';

/** One instance of the product: five tables, two signing keys, nine functions and the HTTP API in front of them. */
export class ActorTokensStack extends Stack {
  constructor(scope: Construct, config: StackConfig) {
    const stage = stages[config.stage];
    super(scope, config.stackName, {
      stackName: config.stackName,
      description: `Actor tokens (${config.stage}), instance ${config.instanceId}`,
      terminationProtection: stage.deletionProtection,
    });

    const tables = createTables(this, stage, config.restoredTables);
    requireOneRegion(this);
    const keys = createSigningKeys(this, config);
    const api = createHttpApi(this, config, createCustomDomain(this, config));
    const urls = urlsOf(config, api);
    const environment = functionEnvironment(config, { frontendApiUrl: urls.frontendApi, tables, keys });
    const functions = new Map(
      lambdaNames.map((lambda) => {
        const { fn, role } = new HttpFunction(this, pascalCase(lambda), {
          lambda,
          environment,
          statements: statements(permissions[lambda], tables, keys),
          stage,
          // Revoking must not wait behind a flood of anything else.
          reservedConcurrency: lambda.startsWith('revoke-') ? config.revokeConcurrency : undefined,
        });
        allowSigning(role, permissions[lambda], keys);
        return [lambda, fn] as const;
      }),
    );
    addRoutes(api, functions);
    addMonitoring(this, config, { api, functions, tables });
    addOutputs(this, config, { urls, tables, keys });
  }
}

/** `create-actor-token` → `CreateActorToken`, as in the logical ids. */
function pascalCase(name: string): string {
  return name.replace(/(?:^|-)(.)/g, (_match, letter: string) => letter.toUpperCase());
}
