/**
 * A function that computes a value on its first call and returns the same value on each. Use it in place of a constant of a module that
 * most requests do not need: a constant is computed while the function starts, and every cold request waits for it.
 */
export function lazily<Value>(compute: () => Value): () => Value {
  let computed: { readonly value: Value } | undefined;
  return () => {
    computed ??= { value: compute() };
    return computed.value;
  };
}
