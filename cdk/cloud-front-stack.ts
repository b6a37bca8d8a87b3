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
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { CfnOutput, Duration, SecretValue, Stack, Validations } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { CloudFrontConfig, StackConfig } from './config.ts';
import { addAliasRecords, configuredZone } from './custom-domain.ts';
import { stages } from './stages.ts';

/** Where a web ACL of CloudFront, and the certificate, have to be. */
const REGION = 'us-east-1';

/** What every browser may keep, by its own Cache-Control header: it is the same for all, and most often asked. */
const PUBLIC_PATHS = ['/.well-known/*', '/v1/impersonation-banner.js', '/v1/openapi.json'];

/** CloudFront keeps these for 10 seconds and shows them to everyone, unless it is told a time for each. */
const ERROR_STATUSES = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/** Replaces whatever the viewer claims. The policy that leaves out the viewer's Host adds no header of CloudFront's own. */
const TELL_VIEWER_ADDRESS = `function handler(event) {
  event.request.headers['x-viewer-address'] = { value: event.viewer.ip };
  return event.request;
}`;

const TOO_MANY_REQUESTS = {
  errors: [
    {
      code: 'too_many_requests',
      message: 'Too many requests',
      long_message: 'Too many requests from this address. Please retry in a few minutes.',
    },
  ],
};

/** Measures nothing but counts: samples would show the query string, which can carry a ticket. */
function countsOnly(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { cloudWatchMetricsEnabled: true, metricName, sampledRequestsEnabled: false };
}

function createWebAcl(scope: Construct, { requestsPerAddress }: CloudFrontConfig): CfnWebACL {
  return new CfnWebACL(scope, 'WebAcl', {
    scope: 'CLOUDFRONT',
    description: 'Actor tokens: how much one address may ask, and who may not at all',
    defaultAction: { allow: {} },
    visibilityConfig: countsOnly('AllRequests'),
    customResponseBodies: {
      TooManyRequests: { contentType: 'APPLICATION_JSON', content: JSON.stringify(TOO_MANY_REQUESTS) },
    },
    rules: [
      {
        name: 'RequestsPerAddress',
        priority: 0,
        statement: {
          rateBasedStatement: { limit: requestsPerAddress, aggregateKeyType: 'IP', evaluationWindowSec: 300 },
        },
        action: {
          block: {
            customResponse: {
              responseCode: 429,
              customResponseBodyKey: 'TooManyRequests',
              responseHeaders: [{ name: 'retry-after', value: '60' }],
            },
          },
        },
        visibilityConfig: countsOnly('RequestsPerAddress'),
      },
      {
        name: 'IpReputation',
        priority: 1,
        statement: {
          managedRuleGroupStatement: { vendorName: 'AWS', name: 'AWSManagedRulesAmazonIpReputationList' },
        },
        overrideAction: { none: {} },
        visibilityConfig: countsOnly('IpReputation'),
      },
    ],
  });
}

/**
 * CloudFront and WAF in front of the API of an instance, in a stack of its own because both have to be in us-east-1. It
 * proves itself to the functions with a secret, so that nobody gets around it, and writes no log of its own.
 */
export class CloudFrontStack extends Stack {
  constructor(scope: Construct, config: StackConfig, cloudFront: CloudFrontConfig) {
    const stage = stages[config.stage];
    super(scope, `${config.stackName}-cloudfront`, {
      stackName: `${config.stackName}-cloudfront`,
      description: `CloudFront and WAF in front of actor tokens (${config.stage}), instance ${config.instanceId}`,
      env: { region: REGION },
      terminationProtection: stage.deletionProtection,
    });

    const origin = new HttpOrigin(cloudFront.originDomainName, {
      protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
      originSslProtocols: [OriginSslPolicy.TLS_V1_2],
      // CloudFormation fills it in; the template and this code never hold it.
      customHeaders: {
        'x-origin-secret': SecretValue.secretsManager(cloudFront.originSecretName).unsafeUnwrap(),
      },
    });
    const viewerAddress = new EdgeFunction(this, 'ViewerAddress', {
      code: FunctionCode.fromInline(TELL_VIEWER_ADDRESS),
      runtime: FunctionRuntime.JS_2_0,
    });
    const behavior: BehaviorOptions = {
      origin,
      // A redirect would come too late: the query with a ticket has then been sent in the clear.
      viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      functionAssociations: [{ function: viewerAddress, eventType: FunctionEventType.VIEWER_REQUEST }],
    };
    const asTold = new CachePolicy(this, 'AsTold', {
      comment: 'As the Cache-Control of the API says',
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.minutes(5),
      enableAcceptEncodingBrotli: true,
      enableAcceptEncodingGzip: true,
    });
    const distribution = new Distribution(this, 'Distribution', {
      comment: `Actor tokens (${config.stackName})`,
      domainNames: [config.domainName ?? ''],
      certificate: Certificate.fromCertificateArn(this, 'Certificate', cloudFront.certificateArn),
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultBehavior: behavior,
      additionalBehaviors: Object.fromEntries(PUBLIC_PATHS.map((path) => [path, { ...behavior, cachePolicy: asTold }])),
      errorResponses: ERROR_STATUSES.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
      webAclId: createWebAcl(this, cloudFront).attrArn,
    });
    Validations.of(distribution).acknowledge({
      id: 'AwsSolutions-CFR1',
      reason: 'Where support agents and servers work from is not for us to know.',
    });
    Validations.of(distribution).acknowledge({
      id: 'AwsSolutions-CFR3',
      reason:
        'A log of CloudFront holds the query string, which can carry a ticket. The access log of the API tells of each ' +
        'request without it.',
    });

    new CfnOutput(this, 'DistributionId', {
      value: distribution.distributionId,
      description: 'For aws cloudfront create-invalidation: docs/rotate.md',
    });
    const zone = configuredZone(this, config);
    if (zone && config.domainName) addAliasRecords(zone, config.domainName, new CloudFrontTarget(distribution));
    else
      new CfnOutput(this, 'DomainNameTarget', {
        value: distribution.distributionDomainName,
        description: `Where the name ${config.domainName} has to lead: set a CNAME record`,
      });
  }
}
