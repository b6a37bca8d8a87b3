/**
 * What the bundles hold in place of four parts of the SDK that none of our requests needs (cdk/bundle/bundle.ts): 28 KB less
 * to load at every cold start.
 */

/**
 * In place of `@aws-sdk/endpoint-cache`. The DynamoDB client makes one and, with endpoint discovery off, never looks at
 * it.
 */
export class EndpointCache {}

/**
 * In place of `@aws/lambda-invoke-store`, which tells invocations apart that share a process. Ours never do: the SDK
 * then reads the trace id from the environment.
 */
export const InvokeStore = { getInstanceAsync: () => Promise.resolve(undefined) };

function refuse(): never {
  throw new Error('Event streams are left out of the bundles: see cdk/bundle/unreached.ts.');
}

/**
 * In place of `@smithy/core/event-streams`. Only operations that answer with a stream of events make one; we call none.
 */
export class EventStreamSerde {
  constructor() {
    refuse();
  }
}

/** The other name the SDK takes from `@smithy/core/event-streams`. */
export const eventStreamSerdeProvider = refuse;

/** In place of the SHA-256 that the SDK has of its own, for a Node built without crypto. */
export class Sha256Js {
  constructor() {
    throw new Error('The SHA-256 of the SDK is left out of the bundles: see cdk/bundle/unreached.ts.');
  }
}
