import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { searchedOutput } from '../support/searched-output.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Not a part of `npm test`: it needs Python, Java and Maven, and a network the first time. */
export default defineConfig({
  plugins: [searchedOutput(root)],
  test: {
    name: 'spec',
    root,
    include: ['test/spec/**/*.test.ts'],
    globalSetup: 'test/support/running-stack.ts',
    // Files share what the first one installs.
    fileParallelism: false,
    testTimeout: 600_000,
    // The first run installs packages.
    hookTimeout: 600_000,
  },
});
