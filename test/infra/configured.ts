// Configurations that several files synthesize.
import type { ConfigInput } from '../../cdk/config/schema.ts';

export const zone = { hostedZoneId: 'Z0123456789ABCDEFGHIJ', hostedZoneName: 'example.com' };

/** An instance of prod at a host of its own. */
export const withDomainName = {
  stage: 'prod',
  domainName: 'clerk.example.com',
  certificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/0f1e2d3c',
} as const satisfies ConfigInput;

/** An instance of prod at a host whose records and certificate are created in the zone. */
export const inHostedZone = {
  stage: 'prod',
  domainName: 'clerk.example.com',
  ...zone,
} as const satisfies ConfigInput;

export const originSecretHashes = ['a'.repeat(64), 'b'.repeat(64)];

/** The same behind CloudFront. */
export const behindCloudFront = {
  ...withDomainName,
  cloudFront: {
    certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/4b5a6978',
    originDomainName: 'origin.clerk.example.com',
    originSecretName: 'actor-tokens-prod/origin',
    originSecretHashes,
    requestsPerAddress: 600,
  },
} as const satisfies ConfigInput;
