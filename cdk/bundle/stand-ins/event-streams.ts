function refuse(): never {
  throw new Error('The bundles contain no event streams: see cdk/bundle/stand-ins/event-streams.ts.');
}

/** Replaces `@smithy/core/event-streams`. Only operations that answer with a stream of events use it, and this product calls none. */
export class EventStreamSerde {
  constructor() {
    refuse();
  }
}

/** The other name that the SDK imports from `@smithy/core/event-streams`. */
export const eventStreamSerdeProvider = refuse;

/** Called when a client of S3 is made. It adds nothing: the client then has no marshaller of event streams. */
export function resolveEventStreamSerdeConfig<Config>(config: Config): Config {
  return config;
}
