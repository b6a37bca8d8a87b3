import { expect, test } from 'vitest';
import { readable, resourcesOf, synthesized } from './synthesized.ts';

const template = synthesized({ instanceId: 'ins_0123456789abcdefghijABCDEFG' });
const outputs = Object.fromEntries(Object.entries(template.Outputs).map(([name, { Value }]) => [name, Value]));

test('the outputs say what a server and a browser need to be told', () => {
  const { PublishableKey: _, ...others } = outputs;

  expect(Object.fromEntries(Object.entries(others).map(([name, value]) => [name, readable(value)]))).toEqual({
    ApiUrl: 'Api.ApiEndpoint',
    FrontendApiUrl: 'Api.ApiEndpoint',
    Issuer: 'Api.ApiEndpoint',
    JwksUrl: 'Api.ApiEndpoint/.well-known/jwks.json',
    Stage: 'dev',
    InstanceId: 'ins_0123456789abcdefghijABCDEFG',
    Generation: '1',
    AuditRetentionDays: '400',
    MaxTicketLifeInSeconds: '2592000',
    MaxSessionDurationInSeconds: '86400',
    TicketKeyIds: 'TicketKey',
    SessionKeyIds: 'SessionKey',
    ActorTokensTableName: 'ActorTokensTable',
    SessionsTableName: 'SessionsTable',
    ClientsTableName: 'ClientsTable',
    UsersTableName: 'UsersTable',
    SecretKeysTableName: 'SecretKeysTable',
  });
});

test('the publishable key is pk_live_ and the base64 of the host and a dollar sign', () => {
  const [[api] = []] = resourcesOf(template, 'AWS::ApiGatewayV2::Api');
  // `https://<host>` split at its slashes: the host comes third.
  const host = { 'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::GetAtt': [api, 'ApiEndpoint'] }] }] };

  expect(outputs.PublishableKey).toEqual({
    'Fn::Join': ['', ['pk_live_', { 'Fn::Base64': { 'Fn::Join': ['', [host, '$']] } }]],
  });
});
