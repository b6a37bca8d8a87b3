import type { SecretKeyId } from './ids.ts';
import type { Instance } from './instance.ts';
import type { Operator } from './operators.ts';
import type { EpochMs } from './time.ts';

/** The sender of a request, as actor tokens and sessions record it. */
export interface Caller {
  readonly sourceIp: string;
  readonly userAgent: string | undefined;
}

/** A customer's server, identified by its secret key. */
export interface BackendCaller extends Caller {
  readonly secretKeyId: SecretKeyId;
}

/** An operator, whom a token of the company's identity provider names. */
export interface OperatorCaller extends Caller {
  readonly operator: Operator;
}

/** The context of an operation: every operation takes it beside its parameters. */
export interface Call {
  readonly instance: Instance;
  /** The time of the request. It is read once for each request, and an operation uses no other clock. */
  readonly now: EpochMs;
}

/** A call of a browser. */
export interface BrowserCall extends Call {
  readonly caller: Caller;
}

/**
 * A call that revokes. The record names its caller: a customer's server, an operator, or an administrator's command, which has no secret
 * key and no address.
 */
export interface RevokingCall extends Call {
  readonly caller: Partial<BackendCaller & OperatorCaller>;
}

/** A call of a customer's server. */
export interface BackendCall extends Call {
  readonly caller: BackendCaller;
}

/** A call of a customer's server, or of an operator with a token of the company's identity provider. */
export interface CreatingCall extends Call {
  readonly caller: BackendCaller | OperatorCaller;
}
