/** Replaces `@aws-sdk/endpoint-cache`. The DynamoDB client creates one and, without endpoint discovery, never reads it. */
export class EndpointCache {}
