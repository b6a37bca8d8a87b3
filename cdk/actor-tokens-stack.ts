import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { CfnOutput, Fn, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { lambdaNames } from './bundle.ts';
import type { StackConfig } from './config.ts';
import { functionEnvironment } from './environment.ts';
import { statements } from './grants.ts';
import { addRoutes, createHttpApi } from './http-api.ts';
import { HttpFunction } from './http-function.ts';
import { permissions } from './permissions.ts';
import { SigningKey, type SigningKeys } from './signing-key.ts';
import { stages } from './stages.ts';
import { createTables, type Tables } from './tables.ts';

/** One instance of the product: five tables, two signing keys, eight functions and the HTTP API in front of them. */
export class ActorTokensStack extends Stack {
  constructor(scope: Construct, config: StackConfig) {
    const stage = stages[config.stage];
    super(scope, config.stackName, {
      stackName: config.stackName,
      description: `Actor tokens (${config.stage}), instance ${config.instanceId}`,
      terminationProtection: stage.deletionProtection,
    });

    const tables = createTables(this, stage);
    // To replace a key, add a new one behind it; once every verifier has read it, move it to the front: then it signs,
    // and the old one still verifies.
    const keys: SigningKeys = {
      ticket: [new SigningKey(this, 'TicketKey', { name: 'ticket', description: 'Signs actor tokens', stage })],
      session: [new SigningKey(this, 'SessionKey', { name: 'session', description: 'Signs session tokens', stage })],
    };
    const api = createHttpApi(this, stage);
    const environment = functionEnvironment(config, { api, tables, keys });
    const functions = lambdaNames.map((lambda) => {
      const granted = statements(permissions[lambda], tables, keys);
      const { fn } = new HttpFunction(this, pascalCase(lambda), { lambda, environment, statements: granted, stage });
      return [lambda, fn] as const;
    });
    addRoutes(api, new Map(functions));
    this.addOutputs(config, api, tables);
  }

  private addOutputs({ instanceId }: StackConfig, { apiEndpoint }: HttpApi, tables: Tables): void {
    const host = Fn.select(2, Fn.split('/', apiEndpoint));
    const outputs: Record<string, readonly [value: string, description: string]> = {
      ApiUrl: [apiEndpoint, 'The Backend API: apiUrl of @clerk/backend'],
      FrontendApiUrl: [apiEndpoint, 'The Frontend API, for browsers'],
      PublishableKey: [`pk_live_${Fn.base64(`${host}$`)}`, 'publishableKey of clerk-js: names the Frontend API'],
      Issuer: [apiEndpoint, 'iss of session tokens'],
      JwksUrl: [`${apiEndpoint}/.well-known/jwks.json`, 'The keys that verify session tokens'],
      InstanceId: [instanceId, 'iid of actor tokens'],
      ActorTokensTableName: [tables.ActorTokens.tableName, 'Who may act as whom, and how it ended'],
      SessionsTableName: [tables.Sessions.tableName, 'Who acted as whom, when and from where'],
      ClientsTableName: [tables.Clients.tableName, 'Browsers'],
      UsersTableName: [tables.Users.tableName, 'Users who can be impersonated'],
      SecretKeysTableName: [tables.SecretKeys.tableName, 'Hashes of the secret keys of your servers'],
    };
    for (const [name, [value, description]] of Object.entries(outputs))
      new CfnOutput(this, name, { value, description });
  }
}

/** `create-actor-token` → `CreateActorToken`, as in the logical ids. */
function pascalCase(name: string): string {
  return name.replace(/(?:^|-)(.)/g, (_match, letter: string) => letter.toUpperCase());
}
