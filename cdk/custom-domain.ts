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
import type { Construct } from 'constructs';
import type { Config } from './config/schema.ts';

/** Returns the configured zone, if any. Nothing is looked up during synthesis. */
export function configuredZone(scope: Construct, { hostedZoneId, hostedZoneName }: Config): IHostedZone | undefined {
  if (hostedZoneId === undefined || hostedZoneName === undefined) return undefined;
  return HostedZone.fromHostedZoneAttributes(scope, 'HostedZone', { hostedZoneId, zoneName: hostedZoneName });
}

/** Adds the records of a host to the zone, for IPv4 and IPv6. */
export function addAliasRecords(zone: IHostedZone, host: string, alias: IAliasRecordTarget): void {
  // The trailing dot makes it an absolute name: without it Route 53 appends the zone's name.
  const record = { zone, recordName: `${host}.`, target: RecordTarget.fromAlias(alias) };
  new ARecord(zone, 'Ipv4Alias', record);
  new AaaaRecord(zone, 'Ipv6Alias', record);
}

/**
 * Creates the API's own host, if the configuration names one. With CloudFront in front it is the host at which CloudFront reaches
 * the API. With a hosted zone, its records and its certificate are created too.
 */
export function createCustomDomain(scope: Construct, config: Config): DomainName | undefined {
  const { domainName, cloudFront, certificateArn } = config;
  const host = cloudFront?.originDomainName ?? domainName;
  if (host === undefined) return undefined;
  const zone = configuredZone(scope, config);
  const certificate =
    certificateArn === undefined
      ? new Certificate(scope, 'Certificate', { domainName: host, validation: CertificateValidation.fromDns(zone) })
      : Certificate.fromCertificateArn(scope, 'Certificate', certificateArn);
  const domain = new DomainName(scope, 'DomainName', {
    domainName: host,
    certificate,
    endpointType: EndpointType.REGIONAL,
    securityPolicy: SecurityPolicy.TLS_1_2,
    ipAddressType: IpAddressType.DUAL_STACK,
  });
  const { regionalDomainName, regionalHostedZoneId } = domain;
  if (zone) addAliasRecords(zone, host, new ApiGatewayv2DomainProperties(regionalDomainName, regionalHostedZoneId));
  return domain;
}
