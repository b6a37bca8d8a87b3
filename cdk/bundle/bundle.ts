import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AssetHashType, DockerImage, type ILocalBundling } from 'aws-cdk-lib/core';
import { build as esbuild, type OutputFile, type Plugin, transform } from 'esbuild';
import { type LambdaName, routes } from '../../functions/routes.ts';
import { defined } from './defined.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

export const lambdaNames: readonly LambdaName[] = [...new Set(routes.map(({ lambda }) => lambda))];

/** What is served as text is minified too: it counts at every cold start. */
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

/** Of the SDK, what each bundle would carry whole for nothing: 7 KB. */
const trimmedSdk: Plugin = {
  name: 'trimmed-sdk',
  setup({ onLoad }) {
    // Each client imports its whole package.json, for the version in its User-Agent.
    onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/ }, async ({ path }) => {
      const { name, version } = JSON.parse(await readFile(path, 'utf8'));
      return { contents: JSON.stringify({ name, version }), loader: 'json' };
    });
    // Its own SHA-256 is for a Node built without crypto. Imported by a relative path, which no alias can name; and not
    // resolved by this plugin, since what esbuild knows of a file comes from whoever resolves it first: the bundles were
    // not the same bytes every time.
    onLoad({ filter: /[\\/]Sha256Js\.js$/ }, () => ({
      contents: `export { Sha256Js } from ${JSON.stringify(join(project, 'cdk/bundle/unreached.ts'))};`,
    }));
  },
};

async function build(): Promise<readonly OutputFile[]> {
  const { outputFiles } = await esbuild({
    absWorkingDir: project,
    entryPoints: lambdaNames.map((lambda) => ({ in: `functions/${lambda}.ts`, out: `${lambda}/index` })),
    // Never written there: a fixed place keeps the source maps, and so the assets' hashes, the same on every machine.
    outdir: 'cdk.out',
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node24',
    minify: true,
    // Nothing but shared/base/log.ts writes to the log, which no console call of a library can then leak into.
    drop: ['console'],
    sourcemap: 'linked',
    sourcesContent: false,
    // CommonJS: a static ESM import of node:http makes Node load undici (nodejs/node#59686), and so would the SDK's own
    // `import('node:http')` at the first request. Together they cost a third of the cold start.
    format: 'cjs',
    supported: { 'dynamic-import': false },
    // The SDK's ES modules shake; its CommonJS files come whole.
    mainFields: ['module', 'main'],
    alias: {
      '@aws-sdk/credential-provider-node': './cdk/bundle/environment-credentials.ts',
      '@aws-sdk/endpoint-cache': './cdk/bundle/unreached.ts',
      '@aws/lambda-invoke-store': './cdk/bundle/unreached.ts',
      '@smithy/core/event-streams': './cdk/bundle/unreached.ts',
    },
    // What Node's `--disable-proto=delete` does, an option worker threads refuse, and in those the local run has its
    // functions. Strict again, since what follows a banner is not the file's first statement any more.
    banner: { js: '"use strict";delete Object.prototype.__proto__;' },
    define: { ...defined },
    plugins: [minifiedTexts, trimmedSdk],
    logLevel: 'warning',
  });
  return outputFiles;
}

/**
 * The bundles and source maps of all Lambdas, by name. esbuild runs once for all of them (0.9 s): NodejsFunction would start
 * `npx esbuild` for each, 5.4 s in all. Built while this module loads, because CDK asks for an asset without waiting.
 */
const built = Map.groupBy(await build(), ({ path }) => basename(dirname(path)));

/** The bundle and the source map of a Lambda. */
export function bundleFiles(lambda: LambdaName): readonly OutputFile[] {
  return built.get(lambda) ?? [];
}

/** Bundles one Lambda for CDK. Its field also keeps CDK's cache of assets from taking one Lambda for another. */
class Bundle implements ILocalBundling {
  readonly lambda: LambdaName;

  constructor(lambda: LambdaName) {
    this.lambda = lambda;
  }

  tryBundle(outputDir: string): boolean {
    mkdirSync(outputDir, { recursive: true });
    for (const { path, contents } of bundleFiles(this.lambda)) writeFileSync(join(outputDir, basename(path)), contents);
    // Says what index.js is, wherever it is unpacked: below a package of type `module` Node would take it for ESM.
    writeFileSync(join(outputDir, 'package.json'), '{"type":"commonjs"}\n');
    return true;
  }
}

/** The code of a Lambda as it is deployed: `index.js`, which exports `handler`, and its source map. */
export function bundle(lambda: LambdaName): Code {
  return Code.fromAsset(join(project, 'functions'), {
    assetHashType: AssetHashType.OUTPUT,
    bundling: { image: DockerImage.fromRegistry('unused'), local: new Bundle(lambda) },
  });
}
