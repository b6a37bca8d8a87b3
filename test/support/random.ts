/** Returns a seed that changes with every run, unless SEED names the seed of a run to repeat. */
export function newSeed(): number {
  return Number(process.env.SEED ?? Math.trunc(Math.random() * 2 ** 31));
}

/** Returns a generator of numbers from 0 up to 1, determined by the seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
