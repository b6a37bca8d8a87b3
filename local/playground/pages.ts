import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gatewayResponse, type HttpResponse } from '../http-response.ts';

const ownFiles = new URL('pages/', import.meta.url);

/** The playground itself: nothing but its own scripts and styles, its requests and the app's tab on the same origin. */
const playgroundPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "connect-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The app's page: shown inside the playground; clerk-js runs its timers in a worker made of a blob. */
const appPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  'img-src data:',
  "connect-src 'self'",
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

const types = { html: 'text/html', css: 'text/css', js: 'text/javascript' } as const;

/** Files by the path they are served at. */
const pages: ReadonlyMap<string, { readonly name: string; readonly policy: string }> = new Map([
  ['/', { name: 'playground.html', policy: playgroundPolicy }],
  ['/sign-in', { name: 'app.html', policy: appPolicy }],
]);
const parts = /^\/__local\/playground\/([a-z-]+\.(?:js|css))$/;
const clerkJs = /^\/__local\/clerk-js\/([\w-][\w.-]*\.js)$/;

async function fileResponse(directory: URL, name: string, policy?: string): Promise<HttpResponse> {
  const body = await readFile(fileURLToPath(new URL(name, directory))).catch(() => undefined);
  if (!body) return gatewayResponse(404, 'Not Found');
  const extension = name.split('.').at(-1) as keyof typeof types;
  return {
    status: 200,
    headers: {
      'content-type': `${types[extension]}; charset=utf-8`,
      'cache-control': 'no-store',
      'referrer-policy': 'strict-origin',
      'x-content-type-options': 'nosniff',
      ...(policy !== undefined && { 'content-security-policy': policy }),
    },
    body,
  };
}

/** The folder of the unmodified clerk-js bundles. */
function clerkJsDirectory(): URL {
  return new URL('.', import.meta.resolve('@clerk/clerk-js'));
}

/** Whether a path is one of the playground's pages, which people open in a browser. */
export function isPage(path: string): boolean {
  return pages.has(path);
}

/** The playground's page, script or style at this path, or undefined. */
export function pageAt(path: string): Promise<HttpResponse> | undefined {
  const page = pages.get(path);
  if (page) return fileResponse(ownFiles, page.name, page.policy);
  const part = parts.exec(path)?.[1];
  if (part !== undefined) return fileResponse(ownFiles, part);
  const bundle = clerkJs.exec(path)?.[1];
  return bundle === undefined ? undefined : fileResponse(clerkJsDirectory(), bundle);
}
