import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gatewayResponse, type HttpResponse } from '../aws/http-api/response.ts';

/** The policy of the playground's page: only its own scripts and styles, its requests, and the app's tab on the same origin. */
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

/** The policy of the app's page, which is shown inside the playground. clerk-js runs its timers in a worker made of a blob. */
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

const ownFiles = new URL('pages/', import.meta.url);
/** The script that moves the clock of the functions moves that of the app's page too. */
const shiftedDate = new URL('../aws/lambda/shifted-date.js', import.meta.url);

/** The pages by their paths. */
const pages: ReadonlyMap<string, { readonly file: URL; readonly policy: string }> = new Map([
  ['/', { file: new URL('playground.html', ownFiles), policy: playgroundPolicy }],
  ['/sign-in', { file: new URL('app.html', ownFiles), policy: appPolicy }],
]);
const ownFile = /^\/__local\/playground\/([a-z-]+\.(?:js|css))$/;
const clerkJsFile = /^\/__local\/clerk-js\/([\w-][\w.-]*\.js)$/;

async function fileResponse(file: URL, policy?: string): Promise<HttpResponse> {
  const body = await readFile(fileURLToPath(file)).catch(() => undefined);
  if (!body) return gatewayResponse(404, 'Not Found');
  const extension = file.pathname.split('.').at(-1) as keyof typeof types;
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

/** Returns the file of a script or style at a path. clerk-js is served as it is in its package. */
function fileAt(path: string): URL | undefined {
  const own = ownFile.exec(path)?.[1];
  if (own === 'shifted-date.js') return shiftedDate;
  if (own !== undefined) return new URL(own, ownFiles);
  const bundle = clerkJsFile.exec(path)?.[1];
  return bundle === undefined ? undefined : new URL(bundle, import.meta.resolve('@clerk/clerk-js'));
}

/** True when a path is that of a page, which people open in a browser. */
export function isPage(path: string): boolean {
  return pages.has(path);
}

/** Returns the page, script or style of the playground at a path, or undefined. */
export function pageAt(path: string): Promise<HttpResponse> | undefined {
  const page = pages.get(path);
  if (page) return fileResponse(page.file, page.policy);
  const file = fileAt(path);
  return file && fileResponse(file);
}
