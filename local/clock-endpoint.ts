import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { type Clock, type ClockReading, MAX_OFFSET_IN_SECONDS } from './aws/clock.ts';
import type { HttpResponse } from './aws/http-api/response.ts';

const bound = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(-2 * MAX_OFFSET_IN_SECONDS),
  v.maxValue(2 * MAX_OFFSET_IN_SECONDS),
);
const move = v.union([v.strictObject({ advance_seconds: bound }), v.strictObject({ reset: v.literal(true) })]);

function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', vary: 'Origin', ...headers },
    body: Buffer.from(JSON.stringify(body)),
  };
}

const shown = ({ now, offsetSeconds }: ClockReading) => ({ now, offset_seconds: offsetSeconds });

/**
 * Answers `/__local/clock`, which moves the functions' clock. Only these origins' pages may use it: a page elsewhere on the web
 * reaches 127.0.0.1 as well. Preflights are answered for them, and JSON is required, so that no page can do without one.
 */
export function clockEndpoint(clock: Clock, origins: ReadonlySet<string>) {
  async function moved(request: IncomingMessage, body: Buffer): Promise<HttpResponse> {
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
    if (type !== 'application/json') return json(415, { message: 'Send Content-Type: application/json.' });
    try {
      const wanted = v.parse(move, JSON.parse(body.toString()));
      return json(200, shown('reset' in wanted ? await clock.reset() : await clock.advance(wanted.advance_seconds)));
    } catch (error) {
      if (error instanceof RangeError) return json(400, { message: error.message });
      if (!(error instanceof v.ValiError || error instanceof SyntaxError)) throw error;
      return json(400, { message: 'Send {"advance_seconds": n} with a whole number of seconds, or {"reset": true}.' });
    }
  }

  return async (request: IncomingMessage, path: string, body: Buffer): Promise<HttpResponse> => {
    const { origin } = request.headers;
    if (origin !== undefined && !origins.has(origin))
      return json(403, { message: 'Pages of this origin may not use the local clock.' });
    const cors = origin === undefined ? {} : { 'access-control-allow-origin': origin };
    const allowed = {
      ...cors,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': 'content-type',
    };
    const answer = async () => {
      if (path !== '/__local/clock') return json(404, { message: 'Not Found' });
      if (request.method === 'GET') return json(200, shown(clock.read()));
      if (request.method === 'OPTIONS') return { status: 204, headers: allowed, body: Buffer.alloc(0) };
      if (request.method === 'POST') return moved(request, body);
      return json(405, { message: 'Method Not Allowed' }, { allow: 'GET, POST' });
    };
    const response = await answer();
    return { ...response, headers: { ...response.headers, ...cors } };
  };
}
