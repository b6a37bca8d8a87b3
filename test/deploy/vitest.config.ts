import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { searchedOutput } from '../support/searched-output.ts';

if (Number(process.versions.node.split('.')[0]) < 24)
  throw new Error(
    `Node 24 is needed, this is ${process.version}: on Linux x64 run "npm ci && npm run test:deploy", elsewhere install Node 24.`,
  );

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Not a part of `npm test`: it needs Python, and a network the first time. */
export default defineConfig({
  plugins: [searchedOutput(root)],
  test: {
    root,
    include: ['test/deploy/**/*.test.ts'],
    // A deployment is a story: after a chapter that failed, the next ones tell nothing.
    bail: 1,
    fileParallelism: false,
    testTimeout: 300_000,
    // The first run installs Python packages.
    hookTimeout: 900_000,
  },
});
