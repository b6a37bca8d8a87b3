import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  OriginProtocolPolicy,
  OriginRequestPolicy,
  OriginSslPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets';
import { CfnOutput, Duration, SecretValue, Stack, Validations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { Config } from './config/schema.ts';
import { addAliasRecords, configuredZone } from './custom-domain.ts';
import { protectionOf } from './protection.ts';
import { createWebAcl } from './web-acl.ts';

type CloudFrontConfig = NonNullable<Config['cloudFront']>;

/** The Region in which a web ACL of CloudFront and its certificate must be. */
const REGION = 'us-east-1';

/** The most requested paths. Their answers are the same for everyone, so CloudFront caches them as their Cache-Control allows. */
const CACHED_PATHS = ['/.well-known/*', '/v1/impersonation-banner.js', '/v1/openapi.json'];

/** By default CloudFront caches these errors for 10 seconds and serves them to everyone. */
const ERROR_STATUSES = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/** Replaces a header that the viewer may have set. The policy that removes the viewer's Host adds no header of CloudFront's own. */
const SET_VIEWER_ADDRESS = `function handler(event) {
  event.request.headers['x-viewer-address'] = { value: event.viewer.ip };
  return event.request;
}`;

function createOrigin({ originDomainName, originSecretName }: CloudFrontConfig): HttpOrigin {
  return new HttpOrigin(originDomainName, {
    protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
    originSslProtocols: [OriginSslPolicy.TLS_V1_2],
    // CloudFormation resolves it during the deployment, so neither the template nor this code contains the secret.
    customHeaders: { 'x-origin-secret': SecretValue.secretsManager(originSecretName).unsafeUnwrap() },
  });
}

/** Creates the behavior of paths whose answers are not cached. */
function createBehavior(scope: Construct, cloudFront: CloudFrontConfig): BehaviorOptions {
  const viewerAddress = new EdgeFunction(scope, 'ViewerAddress', {
    code: FunctionCode.fromInline(SET_VIEWER_ADDRESS),
    runtime: FunctionRuntime.JS_2_0,
  });
  return {
    origin: createOrigin(cloudFront),
    // A redirect is too late: the query string with the ticket has then been sent unencrypted.
    viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    allowedMethods: AllowedMethods.ALLOW_ALL,
    cachePolicy: CachePolicy.CACHING_DISABLED,
    originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    functionAssociations: [{ function: viewerAddress, eventType: FunctionEventType.VIEWER_REQUEST }],
  };
}

function createCachePolicy(scope: Construct): CachePolicy {
  return new CachePolicy(scope, 'AsCacheControlSays', {
    comment: 'As the Cache-Control of the API says',
    minTtl: Duration.seconds(0),
    defaultTtl: Duration.seconds(0),
    maxTtl: Duration.minutes(5),
    enableAcceptEncodingBrotli: true,
    enableAcceptEncodingGzip: true,
  });
}

function createDistribution(scope: Construct, config: Config, cloudFront: CloudFrontConfig): Distribution {
  const behavior = createBehavior(scope, cloudFront);
  const cached = { ...behavior, cachePolicy: createCachePolicy(scope) };
  const distribution = new Distribution(scope, 'Distribution', {
    comment: `Actor tokens (${config.stackName})`,
    domainNames: [config.domainName ?? ''],
    certificate: Certificate.fromCertificateArn(scope, 'Certificate', cloudFront.certificateArn),
    minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    httpVersion: HttpVersion.HTTP2_AND_3,
    defaultBehavior: behavior,
    additionalBehaviors: Object.fromEntries(CACHED_PATHS.map((path) => [path, cached])),
    errorResponses: ERROR_STATUSES.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
    webAclId: createWebAcl(scope, cloudFront.requestsPerAddress).attrArn,
  });
  Validations.of(distribution).acknowledge({
    id: 'AwsSolutions-CFR1',
    reason: 'This project cannot know in which countries support agents and servers are.',
  });
  Validations.of(distribution).acknowledge({
    id: 'AwsSolutions-CFR3',
    reason:
      'A log of CloudFront contains the query string, which can carry a ticket. The access log of the API has each request ' +
      'without it.',
  });
  return distribution;
}

/**
 * CloudFront and WAF in front of the API of an instance, in a stack of its own because both must be in us-east-1. CloudFront sends a
 * secret with each request, and the functions refuse requests without it, so no request can bypass CloudFront. It writes no log.
 */
export class CloudFrontStack extends Stack {
  constructor(scope: Construct, config: Config, cloudFront: CloudFrontConfig) {
    super(scope, `${config.stackName}-cloudfront`, {
      stackName: `${config.stackName}-cloudfront`,
      description: `CloudFront and WAF in front of actor tokens (${config.stage}), instance ${config.instanceId}`,
      env: { region: REGION },
      terminationProtection: protectionOf(config).deletionProtection,
    });
    const distribution = createDistribution(this, config, cloudFront);
    new CfnOutput(this, 'DistributionId', {
      value: distribution.distributionId,
      description: 'For aws cloudfront create-invalidation: docs/rotate.md',
    });
    const zone = configuredZone(this, config);
    if (zone && config.domainName) addAliasRecords(zone, config.domainName, new CloudFrontTarget(distribution));
    else
      new CfnOutput(this, 'DomainNameTarget', {
        value: distribution.distributionDomainName,
        description: `Set a CNAME record from ${config.domainName} to this name`,
      });
  }
}
