import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const entry = fileURLToPath(new URL('app/main.tsx', import.meta.url));
const outdir = '/assets';

/** The scripts of the app, by their path. They contain clerk-js and its components. */
export type Scripts = ReadonlyMap<string, Uint8Array>;

interface BundleOptions {
  readonly entryPoint?: string;
  /** Packages by the name of the one that they replace. */
  readonly alias?: Readonly<Record<string, string>>;
}

export async function bundle({ entryPoint = entry, alias = {} }: BundleOptions = {}): Promise<Scripts> {
  const { outputFiles } = await build({
    entryPoints: [entryPoint],
    alias: { ...alias },
    bundle: true,
    // Clerk's components are loaded when they are shown.
    splitting: true,
    format: 'esm',
    minify: true,
    write: false,
    outdir,
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    // Only a sign-in with a Solana wallet loads them, and no instance of Actor Tokens offers one.
    external: ['@solana/*'],
  });
  return new Map(outputFiles.map(({ path, contents }) => [path, contents]));
}

export interface Settings {
  readonly publishableKey: string;
  readonly frontendApiUrl: string;
}

function page({ publishableKey, frontendApiUrl }: Settings): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>React example</title>
    <link rel="icon" href="data:,">
    <script type="module" src="${outdir}/main.js"></script>
  </head>
  <body>
    <div id="root" data-publishable-key="${publishableKey}" data-frontend-api-url="${frontendApiUrl}"></div>
  </body>
</html>
`;
}

/** Answers the app's requests: its scripts, and its page for every other path. */
export function serve(scripts: Scripts, settings: Settings) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const { pathname } = new URL(request.url ?? '/', 'http://app');
    const script = scripts.get(pathname);
    if (script) {
      response.setHeader('content-type', 'text/javascript').end(script);
      return;
    }
    if (pathname.startsWith(`${outdir}/`)) {
      response.writeHead(404).end();
      return;
    }
    // The address of the sign-in page has a ticket, which no other page may learn from the referrer.
    response.setHeader('referrer-policy', 'no-referrer');
    response.setHeader('content-type', 'text/html; charset=utf-8').end(page(settings));
  };
}
