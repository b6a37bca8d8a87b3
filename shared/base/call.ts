import type { SecretKeyId } from './ids.ts';
import type { Instance } from './instance.ts';
import type { EpochMs } from './time.ts';

/** The sender of a request, as the record of who acted as whom keeps it. */
export interface Caller {
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
}

/** A customer's server, known by its secret key. */
export interface BackendCaller extends Caller {
  readonly secretKeyId: SecretKeyId;
}

/** What every operation is given beside its parameters. */
export interface Call {
  readonly instance: Instance;
  /** The only time an operation knows: it is read once for each request. */
  readonly now: EpochMs;
}

/** A call of a browser. */
export interface BrowserCall extends Call {
  readonly caller: Caller;
}

/** A call of a customer's server. */
export interface BackendCall extends Call {
  readonly caller: BackendCaller;
}
