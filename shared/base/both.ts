/**
 * What both become, once each has ended. A promise that still runs when its function has answered goes on in a later request, or
 * never. Where each outcome counts by itself: `Promise.allSettled`.
 *
 * @throws what the first was rejected with, else the other
 */
export async function both<One, Other>(one: Promise<One>, other: Promise<Other>): Promise<readonly [One, Other]> {
  await Promise.allSettled([one, other]);
  return [await one, await other];
}
