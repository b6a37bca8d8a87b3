import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defined } from '../cdk/bundle/defined.ts';
import { searchedOutput } from './support/searched-output.ts';
import { textFiles } from './support/text-files.ts';

if (Number(process.versions.node.split('.')[0]) < 24) {
  throw new Error(
    `Node 24 is needed, this is ${process.version}: on Linux x64 run "npm ci && npm test", elsewhere install Node 24.`,
  );
}

const root = fileURLToPath(new URL('..', import.meta.url));
const searched = searchedOutput(root);

/** A folder of test/ as a project of its own; see test/README.md for what each proves. */
function project(name: string, options: object = {}) {
  return {
    define: { ...defined },
    plugins: [searched],
    test: { name, root, include: [`test/${name}/**/*.test.ts`], ...options },
  };
}

/** Projects whose tests speak to a running stack share one: the synthesized stack, the embedded DynamoDB, the local KMS. */
function runningProject(name: string, options: object) {
  return {
    define: { ...defined },
    plugins: [searched, textFiles],
    test: {
      name,
      root,
      globalSetup: 'test/support/running-stack.ts',
      setupFiles: 'test/support/environment.ts',
      testTimeout: 30_000,
      hookTimeout: 60_000,
      ...options,
    },
  };
}

/** They replace a guard of the product, or the clock of the process, so other files must not share the modules that they load. */
const weakened = ['test/races/presented-values.test.ts', 'test/races/simulated-engine.test.ts'];

/** They do nothing but work, so they run after all others, in as many processes as there are cores. */
const afterwards = { maxWorkers: 2, sequence: { groupOrder: 1 } };

function testsIn(...folders: readonly string[]): string[] {
  return folders.map((folder) => `test/${folder}/**/*.test.ts`);
}

/** Browsers wait more than they work: begun first, their waiting is filled by everything else. */
class BrowsersFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isBrowser = ({ project }: TestSpecification) => ['browser', 'examples'].includes(project.name);
    return (await super.sort(files)).sort((one, other) => Number(isBrowser(other)) - Number(isBrowser(one)));
  }
}

export default defineConfig({
  test: {
    root,
    sequence: { sequencer: BrowsersFirst },
    // More than cores: browsers and faults leave them idle.
    maxWorkers: 4,
    // The handlers log every request; what a passing test logs is of no interest.
    silent: 'passed-only',
    projects: [
      // Pure: nothing that one file does can reach another.
      project('unit', { isolate: false, ...afterwards }),
      // Each process synthesizes the templates that its files read.
      project('infra', { isolate: false, testTimeout: 60_000, hookTimeout: 60_000, ...afterwards }),
      project('local', { isolate: false, testTimeout: 30_000, hookTimeout: 30_000 }),
      // Each file goes through hours of simulated time, with a KMS of its own.
      project('rotation', { testTimeout: 120_000, hookTimeout: 60_000, ...afterwards }),
      // They need no stack: models and simulations. `npm run prove` runs their long forms.
      {
        ...project('prove', {
          include: testsIn('prove/model', 'prove/simulation'),
          testTimeout: 1_800_000,
          hookTimeout: 60_000,
          ...afterwards,
        }),
        plugins: [searched, textFiles],
      },
      // Each file runs a stack of its own, because it moves the clock.
      project('browser', { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 10_000 } } }),
      // Each file starts its example as its own command does.
      project('examples', { testTimeout: 30_000, hookTimeout: 60_000 }),
      // They call the handlers in their own process. Loading those and the SDK is most of the work of a file, so files share them.
      runningProject('handlers', {
        include: testsIn('contract', 'races', 'restore', 'tampering', 'prove/input'),
        exclude: weakened,
        isolate: false,
      }),
      // They call the functions over HTTP, and the commands in their own process.
      runningProject('running', { include: testsIn('clients', 'commands'), isolate: false }),
      runningProject('weakened', { include: weakened }),
    ],
  },
});
