// docs: instance
import { ActorTokens } from 'actor-tokens';
// end
import { App, Stack } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';

const app = new App();
const stack = new Stack(app, 'Support');

// docs: instance
const actorTokens = new ActorTokens(stack, 'ActorTokens', {
  stage: 'dev',
  allowedOrigins: ['https://app.example.com'],
  policy: 'policy.json',
});
// end

// Your own resources take the values of the instance, here the two that a server of yours needs.
const parameters = { 'api-url': actorTokens.apiUrl, 'publishable-key': actorTokens.publishableKey };
for (const [name, stringValue] of Object.entries(parameters))
  new StringParameter(stack, name, { parameterName: `/support/actor-tokens/${name}`, stringValue });
