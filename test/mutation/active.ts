// Runs before each test file: says which mutant is active, and writes down which mutants the file reaches.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** The key of the mutant that is active from the start, or the empty text. */
    readonly mutant: string;
    /** The folder that receives the keys of the mutants that each test file reaches, or the empty text. */
    readonly reachedDir: string;
    /** True for a project whose tests call functions, which can have kept something wrong after a failure. */
    readonly hasFunctions: boolean;
  }
}

declare global {
  /** The key of the active mutant. It is global, because the mutated modules, the runner and this file share nothing else. */
  var activeMutant: string;
  /** The keys of the mutants that have been reached since somebody has cleared it. */
  var reachedMutants: Set<string>;
  /** True when the last attempt has failed, so the functions of this process may have kept something wrong. */
  var isSuspect: boolean;
}

globalThis.activeMutant = inject('mutant');
globalThis.reachedMutants = new Set<string>();
globalThis.isSuspect = false;

// A killed mutant fails tests, which print the log of the handlers.
process.stdout.write = () => true;

Object.assign(globalThis, {
  isMutant(key: string) {
    globalThis.reachedMutants.add(key);
    return key === globalThis.activeMutant;
  },
});

beforeEach(async () => {
  if (!globalThis.isSuspect || !inject('hasFunctions')) return;
  globalThis.isSuspect = false;
  const { restartSharedApi } = await import('../support/http.ts');
  restartSharedApi();
});

const reachedDir = inject('reachedDir');
if (reachedDir) {
  let loaded: readonly string[] = [];
  beforeAll(() => {
    // Files share the modules that they load, so what loading reaches is written down apart.
    loaded = [...globalThis.reachedMutants];
    globalThis.reachedMutants.clear();
  });
  afterAll(() => {
    mkdirSync(reachedDir, { recursive: true });
    const file = join(reachedDir, `${encodeURIComponent(expect.getState().testPath ?? '')}.json`);
    writeFileSync(file, JSON.stringify({ loaded, reached: [...globalThis.reachedMutants] }));
  });
}
