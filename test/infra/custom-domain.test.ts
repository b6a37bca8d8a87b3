import { describe, expect, test } from 'vitest';
import { readable, resourcesOf, synthesized, type Template } from './synthesized.ts';

const certificateArn = 'arn:aws:acm:eu-west-1:123456789012:certificate/0f1e2d3c';
const zone = { hostedZoneId: 'Z0123456789ABCDEFGHIJ', hostedZoneName: 'example.com' };
const domainName = 'clerk.example.com';

const own = synthesized();
const named = synthesized({ domainName, certificateArn });
const inZone = synthesized({ domainName, ...zone });
const proxied = synthesized({ proxyUrl: 'https://app.example.com/__clerk', domainName, certificateArn });

function only(template: Template, type: string): Readonly<Record<string, unknown>> {
  const found = resourcesOf(template, type);
  expect(found).toHaveLength(1);
  return found[0]?.[1].Properties ?? {};
}

function outputsOf({ Outputs }: Template): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(Outputs).map(([name, { Value }]) => [name, readable(Value)]));
}

function frontendApiUrlsOf(template: Template): readonly string[] {
  const told = resourcesOf(template, 'AWS::Lambda::Function').map(
    ([, { Properties }]) => Properties.Environment as { Variables: Record<string, unknown> },
  );
  return [...new Set(told.map(({ Variables }) => readable(Variables.FRONTEND_API_URL)))];
}

describe('without a domain name', () => {
  test('the API has the host that API Gateway gives it, and nothing in front', () => {
    const types = new Set(Object.values(own.Resources).map(({ Type }) => Type));

    expect([...types].filter((type) => /DomainName|ApiMapping|Route53|CertificateManager/.test(type))).toEqual([]);
    expect(only(own, 'AWS::ApiGatewayV2::Api').DisableExecuteApiEndpoint).not.toBe(true);
    expect(own.Outputs).not.toHaveProperty('DomainNameTarget');
  });
});

describe('with a domain name', () => {
  test('the API is reached by that host alone', () => {
    expect(only(named, 'AWS::ApiGatewayV2::Api')).toMatchObject({ DisableExecuteApiEndpoint: true });
    expect(only(named, 'AWS::ApiGatewayV2::ApiMapping')).toMatchObject({ Stage: '$default' });
    expect(JSON.stringify(named.Outputs)).not.toContain('ApiEndpoint');
    expect(JSON.stringify(named.Outputs)).not.toContain('execute-api');
  });

  test('its TLS is 1.2 at least, with the certificate that is named', () => {
    expect(only(named, 'AWS::ApiGatewayV2::DomainName')).toEqual({
      DomainName: domainName,
      DomainNameConfigurations: [
        {
          CertificateArn: certificateArn,
          EndpointType: 'REGIONAL',
          IpAddressType: 'dualstack',
          SecurityPolicy: 'TLS_1_2',
        },
      ],
    });
  });

  test('browsers, servers and the functions are told of it', () => {
    expect(outputsOf(named)).toMatchObject({
      ApiUrl: 'https://clerk.example.com',
      FrontendApiUrl: 'https://clerk.example.com',
      Issuer: 'https://clerk.example.com',
      JwksUrl: 'https://clerk.example.com/.well-known/jwks.json',
    });
    expect(frontendApiUrlsOf(named)).toEqual(['https://clerk.example.com']);
  });

  test('an output says where the name has to lead, when no zone is told', () => {
    expect(resourcesOf(named, 'AWS::Route53::RecordSet')).toEqual([]);
    expect(outputsOf(named).DomainNameTarget).toBe('DomainName.RegionalDomainName');
  });

  test('in a hosted zone it is named there, for IPv4 and IPv6', () => {
    const records = resourcesOf(inZone, 'AWS::Route53::RecordSet').map(([, { Properties }]) => Properties);

    expect(records.map(({ Type, Name, HostedZoneId }) => [Type, Name, HostedZoneId])).toEqual([
      ['A', 'clerk.example.com.', zone.hostedZoneId],
      ['AAAA', 'clerk.example.com.', zone.hostedZoneId],
    ]);
    for (const { AliasTarget } of records)
      expect(readable((AliasTarget as { DNSName: unknown }).DNSName)).toBe('DomainName.RegionalDomainName');
    expect(inZone.Outputs).not.toHaveProperty('DomainNameTarget');
  });

  test('in a hosted zone its certificate is made by a record there', () => {
    expect(only(inZone, 'AWS::CertificateManager::Certificate')).toMatchObject({
      DomainName: domainName,
      ValidationMethod: 'DNS',
      DomainValidationOptions: [{ DomainName: domainName, HostedZoneId: zone.hostedZoneId }],
    });
  });
});

describe("behind the app's reverse proxy", () => {
  test('browsers are told its URL with its path, servers that of the API', () => {
    expect(outputsOf(proxied)).toMatchObject({
      ApiUrl: 'https://clerk.example.com',
      FrontendApiUrl: 'https://app.example.com/__clerk',
      Issuer: 'https://app.example.com/__clerk',
      JwksUrl: 'https://app.example.com/__clerk/.well-known/jwks.json',
    });
    expect(frontendApiUrlsOf(proxied)).toEqual(['https://app.example.com/__clerk']);
  });

  test("the publishable key names the app's host", () => {
    expect(proxied.Outputs.PublishableKey?.Value).toEqual({
      'Fn::Join': ['', ['pk_live_', { 'Fn::Base64': 'app.example.com$' }]],
    });
  });
});
