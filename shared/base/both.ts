/**
 * Resolves with both values once both promises have settled. A promise that is still pending when a handler answers is frozen and may
 * resume in a later invocation, or never. Use `Promise.allSettled` where each outcome is handled by itself.
 *
 * @throws the rejection of the first promise, else that of the second
 */
export async function both<One, Other>(one: Promise<One>, other: Promise<Other>): Promise<readonly [One, Other]> {
  await Promise.allSettled([one, other]);
  return [await one, await other];
}
