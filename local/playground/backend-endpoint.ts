import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { fetchLocalOperatorToken } from '../../cdk/commands/impersonate/local-operator-token.ts';
import type { HttpResponse } from '../aws/http-api/response.ts';

/** The path to which the playground's page sends its requests of the Backend API. */
export const backendEndpointPath = '/__local/playground/backend';

const TIMEOUT_IN_MS = 15_000;
const LISTED_USERS = 100;

const id = (prefix: string) => v.pipe(v.string(), v.regex(new RegExp(`^${prefix}_[0-9A-Za-z]+$`)));

/** The requests of the page: those that its buttons need, and nothing else that the secret key allows. */
const requestSchema = v.variant('operation', [
  v.strictObject({ operation: v.literal('ListUsers') }),
  v.strictObject({
    operation: v.literal('CreateActorToken'),
    body: v.looseObject({ actor: v.optional(v.looseObject({ sub: v.string() })) }),
    /** With a token of the local identity provider for `actor.sub`, in place of the secret key. */
    as_operator: v.optional(v.boolean(), false),
  }),
  v.strictObject({ operation: v.literal('CreateUser'), body: v.looseObject({}) }),
  v.strictObject({ operation: v.literal('RevokeActorToken'), id: id('act') }),
  v.strictObject({ operation: v.literal('GetSession'), id: id('sess') }),
  v.strictObject({ operation: v.literal('RevokeSession'), id: id('sess') }),
]);
type BackendRequest = v.InferOutput<typeof requestSchema>;

interface BackendCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: string;
  readonly body?: object;
  /** The operator who asks in place of the server. */
  readonly operator?: string | undefined;
}

function callOf(request: BackendRequest): BackendCall {
  switch (request.operation) {
    case 'ListUsers':
      return { method: 'GET', path: '/v1/users', query: `?limit=${LISTED_USERS}&order_by=-created_at` };
    case 'CreateActorToken':
      return {
        method: 'POST',
        path: '/v1/actor_tokens',
        body: request.body,
        operator: request.as_operator ? request.body.actor?.sub : undefined,
      };
    case 'CreateUser':
      return { method: 'POST', path: '/v1/users', body: request.body };
    case 'RevokeActorToken':
      return { method: 'POST', path: `/v1/actor_tokens/${request.id}/revoke` };
    case 'GetSession':
      return { method: 'GET', path: `/v1/sessions/${request.id}` };
    case 'RevokeSession':
      return { method: 'POST', path: `/v1/sessions/${request.id}/revoke` };
  }
}

function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: Buffer.from(JSON.stringify(body)),
  };
}

interface BackendEndpointOptions {
  readonly baseUrl: string;
  readonly secretKey: string;
}

/**
 * Sends the playground's requests to the Backend API, so that the secret key never reaches a page. Answers with the request and
 * the status and body of its response. A page of any website can send requests to 127.0.0.1, so only JSON from the playground's
 * own origin is accepted; browsers send the origin with every POST.
 */
export function backendEndpoint({ baseUrl, secretKey }: BackendEndpointOptions) {
  async function send({ method, path, query = '', body, operator }: BackendCall): Promise<HttpResponse> {
    const ofSupport = operator && { sub: operator, claims: { groups: ['support'] } };
    const credential = ofSupport ? await fetchLocalOperatorToken(baseUrl, ofSupport) : secretKey;
    const response = await fetch(`${baseUrl}${path}${query}`, {
      method,
      headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_IN_MS),
    });
    return json(200, { method, path, status: response.status, body: await response.json() });
  }

  return async (request: IncomingMessage, body: Buffer): Promise<HttpResponse> => {
    if (request.method !== 'POST') return json(405, { message: 'Method Not Allowed' }, { allow: 'POST' });
    if (request.headers.origin !== baseUrl)
      return json(403, { message: `Only pages of ${baseUrl} may send requests here.` });
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
    if (type !== 'application/json') return json(415, { message: 'Send Content-Type: application/json.' });
    try {
      return await send(callOf(v.parse(requestSchema, JSON.parse(body.toString()))));
    } catch (error) {
      if (!(error instanceof v.ValiError || error instanceof SyntaxError)) throw error;
      return json(400, {
        message: 'Send {"operation": …} with an operation of the playground, and its id or body.',
      });
    }
  };
}
