import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';

const TOO_MANY_REQUESTS = {
  errors: [
    {
      code: 'too_many_requests',
      message: 'Too many requests',
      long_message: 'Too many requests from this address. Please retry in a few minutes.',
    },
  ],
};

/** Counts requests and samples none: samples show the query string, which can carry a ticket. */
function countsOnly(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { cloudWatchMetricsEnabled: true, metricName, sampledRequestsEnabled: false };
}

/** Limits the requests that one address may send within five minutes. */
function rateRule(requestsPerAddress: number): CfnWebACL.RuleProperty {
  const response = {
    responseCode: 429,
    customResponseBodyKey: 'TooManyRequests',
    responseHeaders: [{ name: 'retry-after', value: '60' }],
  };
  return {
    name: 'RequestsPerAddress',
    priority: 0,
    statement: { rateBasedStatement: { limit: requestsPerAddress, aggregateKeyType: 'IP', evaluationWindowSec: 300 } },
    action: { block: { customResponse: response } },
    visibilityConfig: countsOnly('RequestsPerAddress'),
  };
}

/** Blocks addresses from which AWS knows attacks. */
const reputationRule: CfnWebACL.RuleProperty = {
  name: 'IpReputation',
  priority: 1,
  statement: { managedRuleGroupStatement: { vendorName: 'AWS', name: 'AWSManagedRulesAmazonIpReputationList' } },
  overrideAction: { none: {} },
  visibilityConfig: countsOnly('IpReputation'),
};

/** Creates the web ACL of CloudFront. */
export function createWebAcl(scope: Construct, requestsPerAddress: number): CfnWebACL {
  return new CfnWebACL(scope, 'WebAcl', {
    scope: 'CLOUDFRONT',
    description: 'Actor tokens: limits requests per address and blocks addresses of bad reputation',
    defaultAction: { allow: {} },
    visibilityConfig: countsOnly('AllRequests'),
    customResponseBodies: {
      TooManyRequests: { contentType: 'APPLICATION_JSON', content: JSON.stringify(TOO_MANY_REQUESTS) },
    },
    rules: [rateRule(requestsPerAddress), reputationRule],
  });
}
