import { randomFrom } from '../../support/random.ts';

/** FNV-1a, over the UTF-16 units of a text. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}

/**
 * Returns numbers from 0 up to 1 that follow from a seed and a name. A number does not depend on the numbers that were drawn before, so a
 * history from which a step is removed keeps its other choices.
 */
export function drawsOf(seed: number): (name: string) => number {
  return (name) => randomFrom(hashOf(`${seed}/${name}`))();
}
