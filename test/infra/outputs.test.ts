import { describe, expect, test } from 'vitest';
import { behindCloudFront, inHostedZone, withDomainName } from './configured.ts';
import {
  environmentOf,
  readable,
  resourcesOf,
  synthesized,
  synthesizedCloudFront,
  type Template,
} from './synthesized.ts';

const template = synthesized();
const named = synthesized(withDomainName);
const proxied = synthesized({ ...withDomainName, proxyUrl: 'https://app.example.com/__clerk' });

function outputsOf({ Outputs }: Template): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(Outputs).map(([name, { Value }]) => [name, readable(Value)]));
}

test('the outputs have what a server, a browser and the commands need', () => {
  const { PublishableKey: _, InstanceId, ...others } = outputsOf(template);

  expect(InstanceId).toMatch(/^ins_[0-9A-Za-z]{27}$/);
  expect(others).toEqual({
    ApiUrl: 'Api.ApiEndpoint',
    FrontendApiUrl: 'Api.ApiEndpoint',
    Issuer: 'Api.ApiEndpoint',
    JwksUrl: 'Api.ApiEndpoint/.well-known/jwks.json',
    NamePrefix: 'actor-tokens-dev',
    Stage: 'dev',
    Protected: 'false',
    Generation: '1',
    ApplicationName: 'Actor Tokens',
    AuditRetentionDays: '400',
    MaxTicketLifeInSeconds: '86400',
    MaxSessionDurationInSeconds: '3600',
    TicketKeyIds: 'TicketKey',
    SessionKeyIds: 'SessionKey',
    ActorTokensTable: 'ActorTokensTable',
    SessionsTable: 'SessionsTable',
    ClientsTable: 'ClientsTable',
    UsersTable: 'UsersTable',
    SecretKeysTable: 'SecretKeysTable',
    BlocklistTable: 'BlocklistTable',
  });
});

test('the publishable key is pk_live_ and the base64 of the host and a dollar sign', () => {
  const [[api] = []] = resourcesOf(template, 'AWS::ApiGatewayV2::Api');
  // `https://<host>` split at its slashes: the host is the third part.
  const host = { 'Fn::Select': [2, { 'Fn::Split': ['/', { 'Fn::GetAtt': [api, 'ApiEndpoint'] }] }] };

  expect(template.Outputs.PublishableKey?.Value).toEqual({
    'Fn::Join': ['', ['pk_live_', { 'Fn::Base64': { 'Fn::Join': ['', [host, '$']] } }]],
  });
});

describe.each([
  ['with a domain name', named],
  ['behind CloudFront', synthesized(behindCloudFront)],
])('%s', (_where, of) => {
  test('servers, browsers and the functions use that host alone', () => {
    expect(outputsOf(of)).toMatchObject({
      ApiUrl: 'https://clerk.example.com',
      FrontendApiUrl: 'https://clerk.example.com',
      Issuer: 'https://clerk.example.com',
      JwksUrl: 'https://clerk.example.com/.well-known/jwks.json',
    });
    expect(environmentOf(of, 'tickets').FRONTEND_API_URL).toBe('https://clerk.example.com');
    expect(JSON.stringify(of.Outputs)).not.toMatch(/ApiEndpoint|execute-api/);
  });
});

describe("behind the app's reverse proxy", () => {
  test('browsers use the URL of the proxy with its path, servers that of the API', () => {
    expect(outputsOf(proxied)).toMatchObject({
      ApiUrl: 'https://clerk.example.com',
      FrontendApiUrl: 'https://app.example.com/__clerk',
      Issuer: 'https://app.example.com/__clerk',
      JwksUrl: 'https://app.example.com/__clerk/.well-known/jwks.json',
    });
    expect(environmentOf(proxied, 'tickets').FRONTEND_API_URL).toBe('https://app.example.com/__clerk');
  });

  test("the publishable key names the app's host", () => {
    expect(proxied.Outputs.PublishableKey?.Value).toEqual({
      'Fn::Join': ['', ['pk_live_', { 'Fn::Base64': 'app.example.com$' }]],
    });
  });

  test('the publishable key names a host without a dot by its absolute name, because Clerk accepts no other', () => {
    const { Outputs } = synthesized({ stage: 'dev', proxyUrl: 'http://localhost:3000/__clerk' });

    expect(Outputs.PublishableKey?.Value).toEqual({
      'Fn::Join': ['', ['pk_live_', { 'Fn::Base64': 'localhost.:3000$' }]],
    });
  });
});

describe('the target of the DNS record that the deployer sets', () => {
  test('is an output without a hosted zone', () => {
    expect(outputsOf(named).DomainNameTarget).toBe('DomainName.RegionalDomainName');
    expect(outputsOf(synthesizedCloudFront(behindCloudFront)).DomainNameTarget).toBe('Distribution.DomainName');
  });

  test('is no output with a hosted zone or without a domain name', () => {
    expect(synthesized(inHostedZone).Outputs).not.toHaveProperty('DomainNameTarget');
    expect(template.Outputs).not.toHaveProperty('DomainNameTarget');
  });
});
