import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The HTTP tests of the official client, against the stage that `npm run smoke` names. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/clients/backend/**/*.test.ts'],
    globalSetup: 'test/smoke/deployed-stack.ts',
    setupFiles: 'test/smoke/record-users.ts',
    maxWorkers: 4,
    // Over a real network, and past cold starts.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
