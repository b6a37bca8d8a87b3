import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import type { HttpResponse } from '../aws/http-api/response.ts';

/** Where the playground's page asks for a request of the Backend API. */
export const backendEndpointPath = '/__local/playground/backend';

const patienceMs = 15_000;
const listedUsers = 20;

const id = (prefix: string) => v.pipe(v.string(), v.regex(new RegExp(`^${prefix}_[0-9A-Za-z]+$`)));

/** What the page may ask for: what its buttons need, and nothing else that the secret key could do. */
const wanted = v.variant('operation', [
  v.strictObject({ operation: v.literal('ListUsers') }),
  v.strictObject({ operation: v.literal('CreateActorToken'), body: v.record(v.string(), v.unknown()) }),
  v.strictObject({ operation: v.literal('RevokeActorToken'), id: id('act') }),
  v.strictObject({ operation: v.literal('GetSession'), id: id('sess') }),
  v.strictObject({ operation: v.literal('RevokeSession'), id: id('sess') }),
]);
type Wanted = v.InferOutput<typeof wanted>;

interface BackendCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: string;
  readonly body?: object;
}

function callOf(asked: Wanted): BackendCall {
  switch (asked.operation) {
    case 'ListUsers':
      return { method: 'GET', path: '/v1/users', query: `?limit=${listedUsers}&order_by=%2Bcreated_at` };
    case 'CreateActorToken':
      return { method: 'POST', path: '/v1/actor_tokens', body: asked.body };
    case 'RevokeActorToken':
      return { method: 'POST', path: `/v1/actor_tokens/${asked.id}/revoke` };
    case 'GetSession':
      return { method: 'GET', path: `/v1/sessions/${asked.id}` };
    case 'RevokeSession':
      return { method: 'POST', path: `/v1/sessions/${asked.id}/revoke` };
  }
}

function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: Buffer.from(JSON.stringify(body)),
  };
}

export interface BackendEndpointOptions {
  readonly baseUrl: string;
  readonly secretKey: string;
}

/**
 * Sends the playground's requests to the Backend API, so that the secret key never reaches a page. Answers the API's status and
 * body, with the request that was made. Only the playground's own origin may ask, and only in JSON: browsers name the origin of
 * every post, and a page elsewhere on the web reaches 127.0.0.1 as well.
 */
export function backendEndpoint({ baseUrl, secretKey }: BackendEndpointOptions) {
  async function send({ method, path, query = '', body }: BackendCall): Promise<HttpResponse> {
    const response = await fetch(`${baseUrl}${path}${query}`, {
      method,
      headers: { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patienceMs),
    });
    return json(200, { method, path, status: response.status, body: await response.json() });
  }

  return async (request: IncomingMessage, body: Buffer): Promise<HttpResponse> => {
    if (request.method !== 'POST') return json(405, { message: 'Method Not Allowed' }, { allow: 'POST' });
    if (request.headers.origin !== baseUrl) return json(403, { message: `Only pages of ${baseUrl} may ask for this.` });
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
    if (type !== 'application/json') return json(415, { message: 'Send Content-Type: application/json.' });
    try {
      return await send(callOf(v.parse(wanted, JSON.parse(body.toString()))));
    } catch (error) {
      if (!(error instanceof v.ValiError || error instanceof SyntaxError)) throw error;
      return json(400, {
        message: 'Send {"operation": …} with one of the operations of the playground, and its id or body.',
      });
    }
  };
}
