import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BuildOptions, build, type Plugin, transform } from 'esbuild';
import { project } from '../project.ts';
import { type BundleName, bundlesDirectory, HEALTH_CHECK, lambdaNames, SEALER } from './bundle.ts';
import { defined } from './defined.ts';

const bundleNames: readonly BundleName[] = [...lambdaNames, SEALER, HEALTH_CHECK];

/** Code that replaces parts of the SDK that no function reaches. Each file has the name of the package or file it replaces. */
const standIns = 'cdk/bundle/stand-ins';

/** Minifies the files that are served as text, because their size adds to every cold start. */
const minifiedTexts: Plugin = {
  name: 'minified-texts',
  setup({ onLoad }) {
    onLoad({ filter: /\.(browser\.js|css)$/ }, async ({ path, with: attributes }) => {
      if (attributes.type !== 'text') return undefined;
      const options = { loader: path.endsWith('.css') ? 'css' : 'js', minify: true, target: 'es2022' } as const;
      const { code } = await transform(await readFile(path), options);
      return { contents: code, loader: 'text' };
    });
  },
};

/** Removes unused SDK code that no alias can replace (13 KB per bundle, and 19 KB of each that calls KMS). */
const trimmedSdk: Plugin = {
  name: 'trimmed-sdk',
  setup({ onLoad }) {
    // Each client imports its whole package.json for the version in its User-Agent.
    onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/ }, async ({ path }) => {
      const { name, version } = JSON.parse(await readFile(path, 'utf8'));
      return { contents: JSON.stringify({ name, version }), loader: 'json' };
    });
    // Errors of KMS have a message and no other member, and the product reads their name only. An error without a class of its own is
    // the base exception with its name.
    onLoad({ filter: /[\\/]client-kms[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8');
      return {
        contents: code.replaceAll(/^export var \w+\$ = \[-3, n0,[^;]*;\nn0_registry\.registerError[^;]*;$/gm, ''),
        loader: 'js',
      };
    });
    // Errors of operations that no function may call: backups, exports, imports, replicas, and changes of tables.
    onLoad({ filter: /[\\/]client-dynamodb[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/ }, async ({ path }) => {
      const code = await readFile(path, 'utf8');
      const unreachable =
        /^export var \w*(?:Backup|Export|GlobalTable|Import|Replica|PointInTime|Table|Restore)\w*Exception\$ = \[-3, n0,[^;]*;\nn0_registry\.registerError[^;]*;$/gm;
      return { contents: code.replaceAll(unreachable, ''), loader: 'js' };
    });
    // The SDK imports this file by a relative path, which an alias cannot name. The plugin does not resolve the path itself:
    // esbuild takes the import attributes of a file from the first plugin that resolves it, which made the bundles differ between builds.
    onLoad({ filter: /[\\/]Sha256Js\.js$/ }, () => ({
      contents: `export { Sha256Js } from ${JSON.stringify(join(project, standIns, 'sha256-js.ts'))};`,
    }));
  },
};

const options = {
  absWorkingDir: project,
  entryPoints: bundleNames.map((lambda) => ({ in: `functions/${lambda}.ts`, out: `${lambda}/index` })),
  // The source maps have the paths relative to it, so they are the same on every machine.
  outdir: bundlesDirectory,
  write: false,
  metafile: true,
  bundle: true,
  platform: 'node',
  target: 'node24',
  minify: true,
  // Only shared/base/log.ts writes to the log: a console call of a library could leak a secret.
  drop: ['console'],
  sourcemap: 'linked',
  sourcesContent: false,
  // CommonJS, because a static ESM import of node:http makes Node load undici (nodejs/node#59686), and so does the SDK's own
  // `import('node:http')` at the first request. Together they cost a third of the cold start.
  format: 'cjs',
  supported: { 'dynamic-import': false },
  // esbuild removes unused code from the SDK's ES modules, but not from its CommonJS files.
  mainFields: ['module', 'main'],
  alias: {
    '@aws-sdk/credential-provider-node': `./${standIns}/credential-provider-node.ts`,
    '@aws-sdk/endpoint-cache': `./${standIns}/endpoint-cache.ts`,
    '@aws/lambda-invoke-store': `./${standIns}/lambda-invoke-store.ts`,
    '@smithy/core/event-streams': `./${standIns}/event-streams.ts`,
  },
  // Prevents prototype pollution: code that merges or copies parsed JSON with a member `__proto__` could otherwise change the prototype
  // of every object. Node's option `--disable-proto=delete` does the same, but worker threads refuse it, and the local run has its
  // functions in them. "use strict" is repeated, because a directive is valid only at the beginning of a file.
  banner: { js: '"use strict";delete Object.prototype.__proto__;' },
  define: { ...defined },
  plugins: [minifiedTexts, trimmedSdk],
  logLevel: 'warning',
} satisfies BuildOptions;

/** Other processes may read the file at any time, so it is replaced as a whole, and only if it changes. */
async function replace(path: string, contents: Uint8Array | string): Promise<void> {
  const present = await readFile(path).catch(() => undefined);
  if (present?.equals(Buffer.from(contents))) return;
  // Not in the directory of the Lambda, all files of which are deployed.
  const unfinished = join(project, 'dist', randomUUID());
  await mkdir(dirname(path), { recursive: true });
  await writeFile(unfinished, contents);
  await rename(unfinished, path);
}

export interface Build {
  /** The size of each file from which the bundles are built, by its path in this project. */
  readonly sourceBytes: ReadonlyMap<string, number>;
  codeOf(lambda: BundleName): string;
}

/**
 * Builds the code of every Lambda into its directory of `bundlesDirectory`: `index.js`, which exports `handler`, and its source map. The
 * result depends on the sources and the locked packages only.
 *
 * esbuild builds all Lambdas at once (0.9 s). NodejsFunction would start `npx esbuild` for each of them (5.4 s in total).
 */
export async function buildBundles(): Promise<Build> {
  const { outputFiles, metafile } = await build(options);
  await Promise.all([
    ...outputFiles.map(({ path, contents }) => replace(path, contents)),
    // index.js is CommonJS. Without this file Node would load it as ESM if it is unpacked below a package of type `module`.
    ...bundleNames.map((lambda) => replace(join(bundlesDirectory, lambda, 'package.json'), '{"type":"commonjs"}\n')),
  ]);
  const codes = new Map(outputFiles.map(({ path, text }) => [path, text]));
  return {
    sourceBytes: new Map(Object.entries(metafile.inputs).map(([path, { bytes }]) => [path, bytes])),
    codeOf: (lambda) => codes.get(join(bundlesDirectory, lambda, 'index.js')) ?? '',
  };
}
