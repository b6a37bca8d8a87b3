// The messages between an execution environment and its worker thread.

/** The data that a worker starts with. */
export interface EnvironmentData {
  readonly directory: string;
  readonly handler: string;
  readonly clock: SharedArrayBuffer;
  readonly context: Readonly<Record<string, unknown>>;
}

export interface Invocation {
  readonly event: string;
  readonly requestId: string;
  readonly remainingMs: number;
}

/** A message of a worker: its bundle is loaded or has failed to load, or its handler has returned or thrown. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly error: string }
  | { readonly kind: 'result'; readonly json: string }
  | { readonly kind: 'error'; readonly error: string };
