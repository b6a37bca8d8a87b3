// `npm run prove`: runs the long form of every check below test/prove, or of those whose paths follow, and prints their figures in one
// table.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { printTable } from '../../cdk/commands/output.ts';
import { readFigures } from './figures.ts';

const directory = mkdtempSync(join(tmpdir(), 'prove-'));
const file = join(directory, 'figures.jsonl');
const started = performance.now();
const args = process.argv.slice(2);
const paths = args.some((each) => each.startsWith('test/')) ? [] : ['test/prove'];
const options = ['run', '--config', 'test/vitest.config.ts', '--silent=false', ...paths, ...args];
const { status } = spawnSync('node_modules/.bin/vitest', options, {
  stdio: 'inherit',
  env: { ...process.env, PROVE_FIGURES: file },
});

const figures = readFigures(file);
rmSync(directory, { recursive: true });
printTable([
  ['Check', 'Cases', 'Violations'],
  ...figures.map(({ check, cases, violations }) => [check, cases, String(violations)]),
]);
console.log(`\n${figures.length} figures in ${Math.round((performance.now() - started) / 1000)} seconds.`);
process.exitCode = status === 0 && figures.length > 0 ? 0 : 1;
