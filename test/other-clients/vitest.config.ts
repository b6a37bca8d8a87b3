import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { searchedOutput } from '../support/searched-output.ts';

if (Number(process.versions.node.split('.')[0]) < 24)
  throw new Error(
    `Node 24 is needed, this is ${process.version}: on Linux x64 run "npm ci && npm run test:clients", elsewhere install Node 24.`,
  );

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Not a part of `npm test`: each client has packages of its own, which the first run installs. */
export default defineConfig({
  plugins: [searchedOutput(root)],
  test: {
    name: 'other-clients',
    root,
    include: ['test/other-clients/**/*.test.ts'],
    maxWorkers: 2,
    testTimeout: 120_000,
    // The first run installs packages and builds.
    hookTimeout: 600_000,
    expect: { poll: { timeout: 10_000 } },
  },
});
