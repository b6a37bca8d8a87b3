import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Instance } from '../../shared/base/instance.ts';
import type { LocalBus } from '../aws/events/bus.ts';
import type { AnswerLocally } from '../aws/http-api/http-api.ts';
import type { HttpResponse } from '../aws/http-api/response.ts';
import { json } from '../local-endpoint.ts';
import { backendEndpoint, backendEndpointPath } from './backend-endpoint.ts';
import { isPage, pageAt } from './pages.ts';

/** Describes the running instance to the pages, without the secret key. */
const instancePath = '/__local/playground/instance.json';

/** The events of the record since the one with the number `after`, and the run that numbers them. */
const eventsPath = '/__local/playground/events.json';

interface PlaygroundOptions {
  readonly baseUrl: string;
  readonly secretKey: string;
  readonly publishableKey: string;
  readonly instance: Pick<
    Instance,
    'signInUrl' | 'inactivityInSeconds' | 'maxTicketLifeInSeconds' | 'maxSessionDurationInSeconds'
  >;
  readonly bus: Pick<LocalBus, 'after'>;
}

/** Returns the URL of the playground's page that stands for an app's sign-in page. */
export function playgroundSignInUrl(baseUrl: string): string {
  return `${baseUrl}/sign-in`;
}

/** Redirects a page to the host of the API: cookies and allowed origins are of one host, and http://localhost is another. */
function redirectToHost(baseUrl: string, { headers, url = '/' }: IncomingMessage): HttpResponse | undefined {
  if (headers.host === new URL(baseUrl).host) return undefined;
  return { status: 307, headers: { location: baseUrl + url, 'cache-control': 'no-store' }, body: Buffer.alloc(0) };
}

/**
 * Answers the paths of the playground: `/`, which tries the API in a browser, `/sign-in`, the app that is signed in to, and the
 * files of both under `/__local/`. It is part of the local run only; no stack has these routes.
 */
export function playground({ baseUrl, secretKey, publishableKey, instance, bus }: PlaygroundOptions): AnswerLocally {
  const answerBackend = backendEndpoint({ baseUrl, secretKey });
  const run = randomUUID();
  const described = {
    publishable_key: publishableKey,
    is_own_sign_in_page: instance.signInUrl === playgroundSignInUrl(baseUrl),
    inactivity_in_seconds: instance.inactivityInSeconds,
    limits: {
      ticket_life_in_seconds: instance.maxTicketLifeInSeconds,
      session_max_duration_in_seconds: instance.maxSessionDurationInSeconds,
    },
  };

  return (request, path, body) => {
    if (path === backendEndpointPath) return answerBackend(request, body);
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
    if (path === instancePath) return Promise.resolve(json(200, described));
    if (path === eventsPath) {
      const after = Number(new URL(request.url ?? '', baseUrl).searchParams.get('after'));
      return Promise.resolve(json(200, { run, events: bus.after(after) }));
    }
    const redirect = isPage(path) ? redirectToHost(baseUrl, request) : undefined;
    return redirect ? Promise.resolve(redirect) : pageAt(path);
  };
}
