const LASTING_FAILURE_IS_KEPT_FOR_MS = 10_000;

/**
 * A function that loads a value once and keeps it for the life of the execution environment. A failed load is retried on the next
 * call, unless `isLasting(failure)`: then that failure is thrown again for ten seconds without loading. Use it only for values that
 * never change under their name, such as the public half of a KMS key.
 */
export function cached<Value>(
  load: () => Promise<Value>,
  isLasting: (failure: unknown) => boolean,
): () => Promise<Value> {
  let loading: Promise<Value> | undefined;
  let failedAt = Number.POSITIVE_INFINITY;
  return () => {
    if (performance.now() - failedAt > LASTING_FAILURE_IS_KEPT_FOR_MS) {
      loading = undefined;
      failedAt = Number.POSITIVE_INFINITY;
    }
    loading ??= load().catch((failure: unknown) => {
      if (isLasting(failure)) failedAt = performance.now();
      else loading = undefined;
      throw failure;
    });
    return loading;
  };
}
