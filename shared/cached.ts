/**
 * A function that loads a value once and keeps it for the life of the execution environment; a failed load is not kept.
 * Only for what never changes under its name, such as the public half of a KMS key.
 */
export function cached<Value>(load: () => Promise<Value>): () => Promise<Value> {
  let loading: Promise<Value> | undefined;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  };
}
