// Runs before each test file: sets the active mutant, and afterwards writes down which mutants the file has reached.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** The key of the active mutant, or the empty text. */
    readonly mutant: string;
    /** The folder that receives the keys of the mutants that each test file reaches, or the empty text. */
    readonly reachedDir: string;
  }
}

const mutant = inject('mutant');
const reachedDir = inject('reachedDir');
const reached = new Set<string>();

// A killed mutant fails tests, which print the log of the handlers.
process.stdout.write = () => true;

Object.assign(globalThis, {
  isMutant(key: string) {
    if (reachedDir) reached.add(key);
    return key === mutant;
  },
});

if (reachedDir) {
  let loaded: readonly string[] = [];
  beforeAll(() => {
    // Files share the modules that they load, so what loading reaches is written down apart.
    loaded = [...reached];
    reached.clear();
  });
  afterAll(() => {
    mkdirSync(reachedDir, { recursive: true });
    const file = join(reachedDir, `${encodeURIComponent(expect.getState().testPath ?? '')}.json`);
    writeFileSync(file, JSON.stringify({ loaded, reached: [...reached] }));
  });
}
