/**
 * Builds the package `actor-tokens` into `dist/`: the construct, the commands, the types and the code of the functions. An app that installs
 * it needs neither esbuild nor TypeScript. npm runs this before it packs (`npm run package`).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { buildBundles } from '../bundle/build.ts';
import { project } from '../project.ts';

const dist = join(project, 'dist');

const NAMES = ['users', 'secret-key', 'policy', 'impersonate', 'audit', 'signing-keys', '\\$\\{command\\.name\\}'];

/** The texts of the commands name the scripts of this project, which an app that installs the package does not have. */
const packageCommands: Plugin = {
  name: 'package-commands',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]cdk[\\/]commands[\\/]own-app\.ts$/ }, () => ({
      contents: 'export const isPackage = true;',
    }));
    onLoad({ filter: /[\\/]cdk[\\/].+\.ts$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8');
      return {
        contents: code
          .replaceAll(new RegExp(`npm run (${NAMES.join('|')})( --)?(?![\\w-])`, 'g'), 'npx actor-tokens $1')
          .replaceAll('npm run deploy', 'npx cdk deploy'),
        loader: 'ts',
      };
    });
  },
};

const options = {
  absWorkingDir: project,
  bundle: true,
  platform: 'node',
  // The peers and the dependencies of package.json are installed beside the package.
  packages: 'external',
  plugins: [packageCommands],
  logLevel: 'warning',
} satisfies BuildOptions;

/** The construct is CommonJS, as `aws-cdk-lib` is, so that apps in CommonJS and in ES modules can import it. */
async function buildConstruct(): Promise<void> {
  await build({
    ...options,
    entryPoints: ['cdk/actor-tokens.ts'],
    outfile: 'dist/index.js',
    format: 'cjs',
    target: 'node22',
    define: { 'import.meta.url': 'moduleUrl' },
    banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
  });
}

async function buildCommands(): Promise<void> {
  const outfile = join(dist, 'commands.mjs');
  await build({
    ...options,
    entryPoints: ['cdk/commands/main.ts'],
    outfile,
    format: 'esm',
    target: 'node22',
    // Each command is also a script of this project.
    define: { 'import.meta.main': 'false' },
    banner: { js: '#!/usr/bin/env node' },
  });
  await chmod(outfile, 0o755);
}

/** @throws if the types cannot be written, after the compiler has printed why */
async function buildTypes(): Promise<void> {
  const compiler = join(project, 'node_modules/typescript/bin/tsc');
  const child = spawn(process.execPath, [compiler, '-p', 'cdk/package/tsconfig.json'], {
    cwd: project,
    stdio: 'inherit',
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error('The types of the package cannot be built: correct the errors above.');
}

await rm(dist, { recursive: true, force: true });
await Promise.all([buildBundles(), buildConstruct(), buildCommands(), buildTypes()]);
// package.json says that the files of this project are ES modules.
await writeFile(join(dist, 'package.json'), '{"type":"commonjs"}\n');
