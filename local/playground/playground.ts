import type { IncomingMessage } from 'node:http';
import type { HttpResponse } from '../aws/http-api/response.ts';
import { backendEndpoint, backendEndpointPath } from './backend-endpoint.ts';
import { isPage, pageAt } from './pages.ts';

/** What its pages are told of the running instance; the secret key is not among it. */
const instancePath = '/__local/playground/instance.json';

export interface PlaygroundOptions {
  readonly baseUrl: string;
  readonly secretKey: string;
  readonly publishableKey: string;
  /** Where the accept link leads; undefined when the product's own page is served. */
  readonly signInUrl: string | undefined;
}

/** The playground's page that stands for an app's sign-in page. */
export function playgroundSignInUrl(baseUrl: string): string {
  return `${baseUrl}/sign-in`;
}

/**
 * Answers the paths of the playground, undefined for all others: `/` for trying everything in a browser, `/sign-in` as the app
 * that is signed in to, and what these need under `/__local/`. It is part of the local run only; no stack knows of it.
 */
export function playground(options: PlaygroundOptions) {
  const { baseUrl, publishableKey, signInUrl } = options;
  const backend = backendEndpoint(options);
  const instance = Buffer.from(
    JSON.stringify({
      publishable_key: publishableKey,
      is_own_sign_in_page: signInUrl === playgroundSignInUrl(baseUrl),
    }),
  );

  /** Cookies and origins belong to one host: http://localhost would be another browser to the API, and not an allowed one. */
  function elsewhere({ headers, url = '/' }: IncomingMessage, path: string): HttpResponse | undefined {
    if (!isPage(path) || headers.host === new URL(baseUrl).host) return undefined;
    return { status: 307, headers: { location: baseUrl + url, 'cache-control': 'no-store' }, body: Buffer.alloc(0) };
  }

  return (request: IncomingMessage, path: string, body: Buffer): Promise<HttpResponse> | undefined => {
    if (path === backendEndpointPath) return backend(request, body);
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
    if (path === instancePath) {
      const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
      return Promise.resolve({ status: 200, headers, body: instance });
    }
    const moved = elsewhere(request, path);
    return moved ? Promise.resolve(moved) : pageAt(path);
  };
}
