// The projects whose tests load shared/ in their own process, with all mutants in it. The tests of the others call the built functions.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification, type Vite } from 'vitest/node';
import config from '../vitest.config.ts';
import { mutated } from './mutants.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const projects = ['unit', 'handlers', 'prove', 'running'];

/** Serves the files of shared/ with their mutants. Nothing is written into the source tree. */
const mutants: Vite.Plugin = {
  name: 'mutants',
  enforce: 'pre',
  load(id) {
    const file = relative(root, id);
    return file.startsWith('shared/') && file.endsWith('.ts')
      ? mutated(file, readFileSync(id, 'utf8')).text
      : undefined;
  },
};

/** The caller names the most promising test file first, and the run ends at the first failure. */
class InGivenOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files;
  }
}

interface Project {
  readonly plugins?: readonly Vite.Plugin[];
  readonly test: { readonly name: string; readonly setupFiles?: string; readonly globalSetup?: string };
}

export default defineConfig({
  test: {
    root,
    sequence: { sequencer: InGivenOrder },
    projects: ((config.test?.projects ?? []) as unknown as Project[])
      .filter(({ test }) => projects.includes(test.name))
      .map((project) => ({
        ...project,
        // One worker runs a few files for each mutant, and nothing is printed, so no output is searched.
        plugins: [...(project.plugins ?? []).filter(({ name }) => name !== 'searched-output'), mutants],
        test: {
          ...project.test,
          setupFiles: ['test/mutation/active.ts', ...(project.test.setupFiles ? [project.test.setupFiles] : [])],
          provide: { hasFunctions: project.test.globalSetup !== undefined },
          runner: 'test/mutation/repeating-runner.ts',
          sequence: { groupOrder: 0 },
          maxWorkers: 1,
        },
      })) as never,
  },
});
