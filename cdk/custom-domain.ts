import { DomainName, EndpointType, IpAddressType, SecurityPolicy } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AaaaRecord,
  ARecord,
  HostedZone,
  type IAliasRecordTarget,
  type IHostedZone,
  RecordTarget,
} from 'aws-cdk-lib/aws-route53';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';
import { CfnOutput } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { StackConfig } from './config.ts';

/** The configured zone, as it is told: nothing is looked up while the stack is synthesized. */
export function configuredZone(scope: Construct, { hostedZone }: StackConfig): IHostedZone | undefined {
  if (hostedZone === undefined) return undefined;
  const { id, name } = hostedZone;
  return HostedZone.fromHostedZoneAttributes(scope, 'HostedZone', { hostedZoneId: id, zoneName: name });
}

/** Names the host in the zone, for IPv4 and IPv6. */
export function addAliasRecords(zone: IHostedZone, host: string, alias: IAliasRecordTarget): void {
  // With the trailing dot it is the whole name, not one in the zone.
  const record = { zone, recordName: `${host}.`, target: RecordTarget.fromAlias(alias) };
  new ARecord(zone, 'Ipv4Alias', record);
  new AaaaRecord(zone, 'Ipv6Alias', record);
}

/**
 * The API's own host, where the configuration names one: with CloudFront in front, the one by which CloudFront reaches the
 * API. In a hosted zone it is named and its certificate made; elsewhere an output says where its name has to lead.
 */
export function createCustomDomain(scope: Construct, config: StackConfig): DomainName | undefined {
  const { domainName, cloudFront, certificateArn } = config;
  const host = cloudFront?.originDomainName ?? domainName;
  if (host === undefined) return undefined;
  const zone = configuredZone(scope, config);
  const domain = new DomainName(scope, 'DomainName', {
    domainName: host,
    certificate:
      certificateArn === undefined
        ? new Certificate(scope, 'Certificate', {
            domainName: host,
            validation: CertificateValidation.fromDns(zone),
          })
        : Certificate.fromCertificateArn(scope, 'Certificate', certificateArn),
    endpointType: EndpointType.REGIONAL,
    securityPolicy: SecurityPolicy.TLS_1_2,
    ipAddressType: IpAddressType.DUAL_STACK,
  });
  const { regionalDomainName, regionalHostedZoneId } = domain;
  if (zone) addAliasRecords(zone, host, new ApiGatewayv2DomainProperties(regionalDomainName, regionalHostedZoneId));
  else
    new CfnOutput(scope, 'DomainNameTarget', {
      value: regionalDomainName,
      description: `Where the name ${host} has to lead: set a CNAME record`,
    });
  return domain;
}
