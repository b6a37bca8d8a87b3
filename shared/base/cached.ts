/** How long a failure is kept that another attempt would only meet again. */
const FAILURE_IS_KEPT_FOR_MS = 10_000;

/**
 * A function that loads a value once and keeps it for the life of the execution environment. A failed load is not kept, but
 * for one that `isLasting`: that is thrown for ten seconds, and what is asked for meanwhile loads nothing. Only for what never
 * changes under its name, such as the public half of a KMS key.
 */
export function cached<Value>(
  load: () => Promise<Value>,
  isLasting: (failure: unknown) => boolean,
): () => Promise<Value> {
  let loading: Promise<Value> | undefined;
  let failedAt = Number.POSITIVE_INFINITY;
  return () => {
    if (performance.now() - failedAt > FAILURE_IS_KEPT_FOR_MS) {
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
