import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { type Clock, type ClockReading, MAX_OFFSET_IN_SECONDS } from './aws/clock.ts';
import type { HttpResponse } from './aws/http-api/response.ts';

const seconds = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(-2 * MAX_OFFSET_IN_SECONDS),
  v.maxValue(2 * MAX_OFFSET_IN_SECONDS),
);
const moveSchema = v.union([v.strictObject({ advance_seconds: seconds }), v.strictObject({ reset: v.literal(true) })]);

function json(status: number, body: object, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', vary: 'Origin', ...headers },
    body: Buffer.from(JSON.stringify(body)),
  };
}

function readingJson({ now, offsetSeconds }: ClockReading) {
  return { now, offset_seconds: offsetSeconds };
}

async function move(clock: Clock, request: IncomingMessage, body: Buffer): Promise<HttpResponse> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') return json(415, { message: 'Send Content-Type: application/json.' });
  try {
    const wanted = v.parse(moveSchema, JSON.parse(body.toString()));
    const reading = await ('reset' in wanted ? clock.reset() : clock.advance(wanted.advance_seconds));
    return json(200, readingJson(reading));
  } catch (error) {
    if (error instanceof RangeError) return json(400, { message: error.message });
    if (!(error instanceof v.ValiError || error instanceof SyntaxError)) throw error;
    return json(400, { message: 'Send {"advance_seconds": n} with a whole number of seconds, or {"reset": true}.' });
  }
}

/**
 * Answers `/__local/clock`, which reads and moves the functions' clock. A page of any website can send requests to 127.0.0.1, so
 * only pages of these origins are accepted. A move must be JSON, for which a browser sends a preflight first.
 */
export function clockEndpoint(clock: Clock, origins: ReadonlySet<string>) {
  async function answer(request: IncomingMessage, path: string, body: Buffer): Promise<HttpResponse> {
    if (path !== '/__local/clock') return json(404, { message: 'Not Found' });
    switch (request.method) {
      case 'GET':
        return json(200, readingJson(clock.read()));
      case 'POST':
        return move(clock, request, body);
      case 'OPTIONS': {
        const headers = {
          'access-control-allow-methods': 'GET, POST',
          'access-control-allow-headers': 'content-type',
        };
        return { status: 204, headers, body: Buffer.alloc(0) };
      }
      default:
        return json(405, { message: 'Method Not Allowed' }, { allow: 'GET, POST' });
    }
  }

  return async (request: IncomingMessage, path: string, body: Buffer): Promise<HttpResponse> => {
    const { origin } = request.headers;
    if (origin === undefined) return answer(request, path, body);
    if (!origins.has(origin)) return json(403, { message: 'Pages of this origin may not use the local clock.' });
    const response = await answer(request, path, body);
    return { ...response, headers: { ...response.headers, 'access-control-allow-origin': origin } };
  };
}
