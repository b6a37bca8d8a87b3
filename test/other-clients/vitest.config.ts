import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { searchedOutput } from '../support/searched-output.ts';

if (Number(process.versions.node.split('.')[0]) < 24)
  throw new Error(
    `Node 24 is needed, this is ${process.version}: on Linux x64 run "npm ci && npm run test:clients", elsewhere install Node 24.`,
  );

const root = fileURLToPath(new URL('../..', import.meta.url));
const searched = searchedOutput(root);

/** A file of the previous major of `@clerk/backend`, or of a package that it needs. */
function previous(file: string): string {
  return fileURLToPath(new URL(`backend-2/node_modules/@clerk/${file}`, import.meta.url));
}

/** What the previous major does not have: the option `issuer`, a refusal without `azp`, two members of its users, and `meta.kind` of errors. */
const unlike = [
  'verification accepts the expected issuer',
  'verification accepts a token made for a server only without authorized parties',
  'creating a user keeps every parameter',
  'is told what is wrong with the token',
  'the error of a blocked actor says what refused them',
];

/** Not a part of `npm test`: each client has packages of its own, which the first run installs. */
export default defineConfig({
  test: {
    root,
    // Browsers and builds of one client at a time.
    fileParallelism: false,
    testNamePattern: new RegExp(`^(?!.*(${unlike.join('|')}))`),
    projects: [
      {
        plugins: [searched],
        test: {
          name: 'other-clients',
          root,
          include: ['test/other-clients/**/*.test.ts'],
          testTimeout: 120_000,
          // The first run installs packages and builds.
          hookTimeout: 600_000,
          expect: { poll: { timeout: 10_000 } },
        },
      },
      {
        plugins: [searched],
        resolve: {
          alias: [
            { find: /^@clerk\/backend$/, replacement: previous('backend/dist/index.mjs') },
            // This major has the class of errors in the package that all of Clerk's packages share.
            { find: /^@clerk\/backend\/errors$/, replacement: previous('shared/dist/runtime/error.mjs') },
          ],
        },
        test: {
          // The tests of the current major, which know of no other.
          name: '@clerk/backend 2',
          root,
          include: ['test/clients/backend/**/*.test.ts'],
          globalSetup: ['test/other-clients/backend-2/setup.ts', 'test/support/running-stack.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
