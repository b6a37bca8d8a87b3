import { Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { ActorTokens } from './actor-tokens.ts';
import type { Config } from './config/schema.ts';
import { protectionOf } from './protection.ts';

/** A stack with one instance and its outputs. */
export class ActorTokensStack extends Stack {
  readonly instance: ActorTokens;

  constructor(scope: Construct, config: Config) {
    super(scope, config.stackName, {
      stackName: config.stackName,
      description: `Actor tokens (${config.stage}), instance ${config.instanceId}`,
      terminationProtection: protectionOf(config).deletionProtection,
    });
    const { stackName: namePrefix, ...props } = config;
    // `Default` adds nothing to the logical ids of what the instance creates, or to the names of its outputs: `SessionsTable…`.
    this.instance = new ActorTokens(this, 'Default', { ...props, namePrefix });
  }
}
