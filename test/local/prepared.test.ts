// The check before each script, in a folder that is the project's but for what the test takes away.
import { spawnSync } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryDirectory } from './tiny-stack.ts';

const check = fileURLToPath(new URL('../../local/prepared.mjs', import.meta.url));

interface Manifest {
  /** The Node of the scripts, which stands in local/package.json. */
  readonly engines: { readonly node: string };
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Runs a script that prints "ran" in a project that needs a version of Node and packages, of which some are installed. */
async function runIn(manifest: Manifest, installed: readonly string[]) {
  const project = await temporaryDirectory();
  await mkdir(join(project, 'local'));
  await cp(check, join(project, 'local/prepared.mjs'));
  const { engines, ...own } = manifest;
  await writeFile(join(project, 'local/package.json'), JSON.stringify({ engines }));
  await writeFile(join(project, 'package.json'), JSON.stringify(own));
  for (const name of installed) {
    await mkdir(join(project, 'node_modules', name), { recursive: true });
    await writeFile(join(project, 'node_modules', name, 'package.json'), '{}');
  }
  await writeFile(join(project, 'script.mjs'), 'console.log("ran")');
  const args = ['--import', './local/prepared.mjs', 'script.mjs'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8' });
  return { status, stdout, stderr };
}

const engines = { node: '>=24' };

test('a script runs where everything is installed', async () => {
  const manifest = { engines, dependencies: { one: '1.0.0' }, devDependencies: { two: '1.0.0' } };

  expect(await runIn(manifest, ['one', 'two'])).toEqual({ status: 0, stdout: 'ran\n', stderr: '' });
});

test('a script that lacks packages says which, and what to do', async () => {
  const manifest = { engines, dependencies: { one: '1.0.0', two: '1.0.0' } };

  expect(await runIn(manifest, ['one'])).toEqual({
    status: 1,
    stdout: '',
    stderr: 'Not installed: two. Run "npm ci", then this command again.\n',
  });
});

test('a script before npm ci says how many packages it lacks', async () => {
  const devDependencies = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, '1.0.0']));

  const { stderr } = await runIn({ engines, devDependencies }, []);

  expect(stderr).toBe('Not installed: 4 packages. Run "npm ci", then this command again.\n');
});

test('a Node that is too old is named, with the one that is needed', async () => {
  const { status, stderr } = await runIn({ engines: { node: '>=99' } }, []);

  expect(status).toBe(1);
  expect(stderr).toBe(
    `Node 99 is needed, this is ${process.version}: install it from https://nodejs.org (or run "nvm install 99"), then run "npm ci" and this command again.\n`,
  );
});
