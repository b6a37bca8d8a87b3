import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { HEALTH_CHECK } from '../bundle/bundle.ts';
import type { Config } from '../config/schema.ts';
import { ProductFunction } from '../product-function.ts';
import { protectionOf } from '../protection.ts';

interface HealthCheckProps {
  readonly config: Config;
  readonly apiUrl: string;
  readonly frontendApiUrl: string;
}

/**
 * A function that requests the public URLs of the instance every minute: that of servers, and that of browsers where it is another one. It
 * takes the way of every stranger, so it finds broken DNS, an expired certificate, and a proxy or CloudFront that does not pass requests
 * on. It has no permission but to write its log.
 */
export class HealthCheck extends Construct {
  readonly fn: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, { config, apiUrl, frontendApiUrl }: HealthCheckProps) {
    super(scope, id);
    const { fn, role } = new ProductFunction(this, 'Check', {
      lambda: HEALTH_CHECK,
      authority: undefined,
      environment: {
        INSTANCE_ID: config.instanceId,
        // A URL without TLS is one of a developer's machine.
        CHECKED_URLS: [...new Set([apiUrl, frontendApiUrl])].filter((url) => !url.startsWith('http:')).join(','),
      },
      statements: [],
      protection: protectionOf(config),
    });
    this.fn = fn;
    this.role = role;
    const everyMinute = new Rule(this, 'EveryMinute', { schedule: Schedule.rate(Duration.minutes(1)) });
    // The next minute has a check of its own.
    everyMinute.addTarget(new LambdaTarget(fn, { retryAttempts: 0 }));
  }
}
