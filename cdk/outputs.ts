import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { CfnOutput, Fn, type Stack } from 'aws-cdk-lib/core';
import type { StackConfig } from './config.ts';
import { keyIds } from './environment.ts';
import type { SigningKeys } from './signing-key.ts';
import type { Tables } from './tables.ts';

/** Where the API is reached; without a trailing slash. */
export interface Urls {
  /** By servers. */
  readonly api: string;
  /** By browsers: on the app's own site, if the configuration says where. */
  readonly frontendApi: string;
}

/** The app's reverse proxy or the custom domain, if there is one, else API Gateway's own host. */
export function urlsOf({ domainName, proxyUrl }: StackConfig, api: HttpApi): Urls {
  const url = domainName === undefined ? api.apiEndpoint : `https://${domainName}`;
  return { api: url, frontendApi: proxyUrl ?? url };
}

/** The host that a publishable key names: where clerk-js looks for the Frontend API. */
function hostOf(url: string): string {
  return Fn.select(2, Fn.split('/', url));
}

export interface Told {
  readonly urls: Urls;
  readonly tables: Tables;
  readonly keys: SigningKeys;
}

/** What servers, browsers and the commands of this project need to know of the deployed stack. */
export function addOutputs(stack: Stack, config: StackConfig, { urls, tables, keys }: Told): void {
  const { api, frontendApi } = urls;
  const outputs: Readonly<Record<string, readonly [value: string, description: string]>> = {
    ApiUrl: [api, 'The Backend API: apiUrl of @clerk/backend'],
    FrontendApiUrl: [frontendApi, 'The Frontend API, for browsers'],
    PublishableKey: [`pk_live_${Fn.base64(`${hostOf(frontendApi)}$`)}`, 'publishableKey of clerk-js'],
    Issuer: [frontendApi, 'iss of session tokens'],
    JwksUrl: [`${frontendApi}/.well-known/jwks.json`, 'The keys that verify session tokens'],
    Stage: [config.stage, 'Which stage this is: dev or prod'],
    InstanceId: [config.instanceId, 'iid of actor tokens'],
    Generation: [String(config.generation), 'What is stored of another one is dead'],
    AuditRetentionDays: [String(config.auditRetentionDays), 'How long tokens and sessions stay stored past their end'],
    MaxTicketLifeInSeconds: [String(config.maxTicketLifeInSeconds), 'The longest expires_in_seconds, in seconds'],
    MaxSessionDurationInSeconds: [
      String(config.maxSessionDurationInSeconds),
      'The longest session_max_duration_in_seconds, in seconds',
    ],
    TicketKeyIds: [keyIds(keys.ticket), 'KMS keys of actor tokens: the first signs, all verify'],
    SessionKeyIds: [keyIds(keys.session), 'KMS keys of session tokens: the first signs, all verify'],
    ActorTokensTableName: [tables.ActorTokens.tableName, 'Who may act as whom, and how it ended'],
    SessionsTableName: [tables.Sessions.tableName, 'Who acted as whom, when and from where'],
    ClientsTableName: [tables.Clients.tableName, 'Browsers'],
    UsersTableName: [tables.Users.tableName, 'Users who can be impersonated'],
    SecretKeysTableName: [tables.SecretKeys.tableName, 'Hashes of the secret keys of your servers'],
  };
  for (const [name, [value, description]] of Object.entries(outputs))
    new CfnOutput(stack, name, { value, description });
}
