import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { searchedOutput } from '../support/searched-output.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Not a part of `npm test`: it needs Python, Go and Java, and a network the first time. */
export default defineConfig({
  plugins: [searchedOutput(root)],
  test: {
    name: 'sdks',
    root,
    include: ['test/sdks/**/*.test.ts'],
    globalSetup: 'test/support/running-stack.ts',
    maxWorkers: 2,
    testTimeout: 30_000,
    // The first run installs packages and compiles.
    hookTimeout: 600_000,
  },
});
