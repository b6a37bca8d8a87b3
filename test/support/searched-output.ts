import { globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Vite, Vitest } from 'vitest/node';
import { recordAnswers, recordOutput } from './recording.ts';
import { checkOutputForSecrets, keepOutput, outputFile } from './secrets.ts';
import { checkSeenCodes } from './seen-codes.ts';

/** Names the process whose run is recorded, because Vitest creates the plugin again for each of its projects. */
const RECORDED = 'RECORDED_TEST_RUN';

/** Returns whether the run included every test that calls the handlers. */
function ranEveryCall({ config, state }: Vitest): boolean {
  const ran = new Set(state.getFiles().map(({ filepath }) => relative(config.root, filepath)));
  const calling = globSync('test/{contract,races}/**/*.test.ts', { cwd: config.root });
  return config.testNamePattern === undefined && calling.length > 0 && calling.every((file) => ran.has(file));
}

/** Creates a folder that is the temporary directory of all processes of the run, and starts to record in it. */
function record(vitest: Vitest): void {
  process.env[RECORDED] = String(process.pid);
  const dir = mkdtempSync(join(tmpdir(), 'actor-tokens-run-'));
  process.env.TMPDIR = dir;
  // Many processes of a run load the same modules. This way each module is compiled once.
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
  // Vitest calls this after the last process of the run has ended.
  vitest.onClose(() => checkOutputForSecrets(dir));
  vitest.onClose(() => {
    if (ranEveryCall(vitest)) checkSeenCodes(dir);
  });
}

/**
 * Fails a run whose output contains a secret that the run issued. The output is what Vitest and all tests print, passing or not,
 * what the stacks log, and what the commands print that tests start. The run has one temporary folder, which is deleted at its end;
 * so tests do not delete the directories of their stacks.
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
