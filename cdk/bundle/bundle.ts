import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AssetHashType, DockerImage, type ILocalBundling } from 'aws-cdk-lib/core';
import { type BuildOptions, build, type OutputFile, type Plugin, transform } from 'esbuild';
import { type LambdaName, routes } from '../../functions/routes.ts';
import { defined } from './defined.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** The file beside each bundle that has the operators and the policy. */
export const AUTHORITY_FILE = 'authority.json';

/** Code that replaces parts of the SDK that no function reaches. Each file has the name of the package or file it replaces. */
const standIns = 'cdk/bundle/stand-ins';

export const lambdaNames: readonly LambdaName[] = [...new Set(routes.map(({ lambda }) => lambda))];

/** The Lambda that seals the record. It has no route: the streams of the tables invoke it. */
export const SEALER = 'seal-audit';

export type BundleName = LambdaName | typeof SEALER;

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

/** Removes unused SDK code that no alias can replace (7 KB per bundle, and 19 KB of each that calls KMS). */
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
    // The SDK imports this file by a relative path, which an alias cannot name. The plugin does not resolve the path itself:
    // esbuild takes the import attributes of a file from the first plugin that resolves it, which made the bundles differ between builds.
    onLoad({ filter: /[\\/]Sha256Js\.js$/ }, () => ({
      contents: `export { Sha256Js } from ${JSON.stringify(join(project, standIns, 'sha256-js.ts'))};`,
    }));
  },
};

const options = {
  absWorkingDir: project,
  entryPoints: [...lambdaNames, SEALER].map((lambda) => ({ in: `functions/${lambda}.ts`, out: `${lambda}/index` })),
  // esbuild writes no file there. A fixed directory keeps the source maps, and so the hashes of the assets, the same on every machine.
  outdir: 'cdk.out',
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

/**
 * esbuild builds all Lambdas at once (0.9 s). NodejsFunction would start `npx esbuild` for each of them (5.4 s in total). The build runs
 * while this module loads, because CDK requests an asset synchronously.
 */
const { outputFiles, metafile } = await build(options);

/** The size of each file from which the bundles are built, by its path in this project. */
export const bundledBytes: ReadonlyMap<string, number> = new Map(
  Object.entries(metafile.inputs).map(([path, { bytes }]) => [path, bytes]),
);

/** Returns the bundle and the source map of a Lambda. */
export function bundleFiles(lambda: BundleName): readonly OutputFile[] {
  return outputFiles.filter(({ path }) => basename(dirname(path)) === lambda);
}

/** Bundles one Lambda for CDK. The fields are also part of the key of CDK's asset cache, so each Lambda gets its own asset. */
class Bundle implements ILocalBundling {
  readonly lambda: BundleName;
  readonly authority: string | undefined;

  constructor(lambda: BundleName, authority: string | undefined) {
    this.lambda = lambda;
    this.authority = authority;
  }

  tryBundle(outputDir: string): boolean {
    mkdirSync(outputDir, { recursive: true });
    for (const { path, contents } of bundleFiles(this.lambda)) writeFileSync(join(outputDir, basename(path)), contents);
    // index.js is CommonJS. Without this file Node would load it as ESM if it is unpacked below a package of type `module`.
    writeFileSync(join(outputDir, 'package.json'), '{"type":"commonjs"}\n');
    if (this.authority !== undefined) writeFileSync(join(outputDir, AUTHORITY_FILE), this.authority);
    return true;
  }
}

/**
 * Returns the code of a Lambda as it is deployed: `index.js`, which exports `handler`, and its source map.
 *
 * @param authority the operators and the policy as JSON, which become a file beside them; undefined for none
 */
export function bundle(lambda: BundleName, authority: string | undefined): Code {
  return Code.fromAsset(join(project, 'functions'), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: { image: DockerImage.fromRegistry('unused'), local: new Bundle(lambda, authority) },
  });
}
