import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Vite, Vitest } from 'vitest/node';
import { recordAnswers, recordOutput } from './recording.ts';
import { checkOutputForSecrets, keepOutput, outputFile } from './secrets.ts';
import { checkSeenCodes } from './seen-codes.ts';

/** The process whose run is recorded: Vitest makes the plugin anew for each of its projects. */
const RECORDED = 'RECORDED_TEST_RUN';

/** Whether the run had every test in it that calls the handlers. */
function ranEveryCall({ config, state }: Vitest): boolean {
  const ran = new Set(state.getFiles().map(({ filepath }) => relative(config.root, filepath)));
  const isWhole = config.testNamePattern === undefined;
  return isWhole && globSync('test/{contract,races}/**/*.test.ts', { cwd: config.root }).every((file) => ran.has(file));
}

/** Makes the folder of a run the temporary directory of all its processes, and begins to record in it. */
function record(vitest: Vitest): void {
  process.env[RECORDED] = String(process.pid);
  const dir = mkdtempSync(join(tmpdir(), 'actor-tokens-run-'));
  process.env.TMPDIR = dir;
  // A run starts some two hundred processes that load the same modules: each is compiled once.
  process.env.NODE_COMPILE_CACHE ??= join(dir, 'compiled');
  process.once('exit', () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  recordAnswers();
  recordOutput('vitest');
  vitest.config.reporters.push({
    onUserConsoleLog: ({ taskId = '', content }) => {
      const path = vitest.state.idMap.get(taskId)?.file.filepath;
      const name = path ? relative(vitest.config.root, path) : 'no test';
      keepOutput(outputFile(dir, join('console', name)), content);
    },
  });
  // After the last process of the run has ended.
  vitest.onClose(() => checkOutputForSecrets(dir));
  vitest.onClose(() => {
    if (ranEveryCall(vitest)) checkSeenCodes(dir);
  });
}

/**
 * Fails a run in whose output is a secret that it handed out: in what Vitest prints, what any test says, passing or not, what
 * the stacks log and what the commands print that tests start. The run has a folder of its own for all that is temporary, which
 * goes at its end: tests leave the directories of their stacks where they are.
 */
export function searchedOutput(root: string): Vite.Plugin {
  const recorder = pathToFileURL(join(root, 'test/support/record-worker.ts')).href;
  return {
    name: 'searched-output',
    configureVitest({ project, vitest }) {
      project.config.execArgv.push('--import', recorder);
      if (process.env[RECORDED] !== String(process.pid)) record(vitest);
    },
  };
}
