// Runs before each script of this project (`node --import`), and says in one sentence what keeps the script from running. Plain
// JavaScript without packages: an old Node cannot load TypeScript, and without packages nothing else can be loaded.
import { existsSync, readFileSync } from 'node:fs';

const project = new URL('../', import.meta.url);

/** @param {string} path */
function readJson(path) {
  return JSON.parse(readFileSync(new URL(path, project), 'utf8'));
}

const { dependencies, devDependencies } = readJson('package.json');

/** @param {string} sentence */
function refuse(sentence) {
  console.error(sentence);
  process.exit(1);
}

// The package that other apps install needs less: the "engines" of package.json.
const needed = Number(readJson('local/package.json').engines.node.replace('>=', ''));
if (Number(process.versions.node.split('.')[0]) < needed)
  refuse(
    `Node ${needed} is needed, this is ${process.version}: install it from https://nodejs.org (or run "nvm install ${needed}"), then run "npm ci" and this command again.`,
  );

const packages = Object.keys({ ...dependencies, ...devDependencies });
const missing = packages.filter((name) => !existsSync(new URL(`node_modules/${name}/package.json`, project)));
if (missing.length > 0) {
  const shown = missing.length > 3 ? `${missing.length} packages` : missing.join(', ');
  refuse(`Not installed: ${shown}. Run "npm ci", then this command again.`);
}
