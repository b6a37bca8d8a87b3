import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { type Clock, type ClockReading, MAX_OFFSET_IN_SECONDS } from './aws/clock.ts';
import type { HttpResponse } from './aws/http-api/response.ts';
import { forOrigins, isJson, json, type LocalEndpoint, preflight } from './local-endpoint.ts';

const seconds = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(-2 * MAX_OFFSET_IN_SECONDS),
  v.maxValue(2 * MAX_OFFSET_IN_SECONDS),
);
const moveSchema = v.union([v.strictObject({ advance_seconds: seconds }), v.strictObject({ reset: v.literal(true) })]);

function readingJson({ now, offsetSeconds }: ClockReading) {
  return { now, offset_seconds: offsetSeconds };
}

async function move(clock: Clock, request: IncomingMessage, body: Buffer): Promise<HttpResponse> {
  if (!isJson(request)) return json(415, { message: 'Send Content-Type: application/json.' });
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
 * Answers `/__local/clock`, which reads and moves the functions' clock, to pages of these origins.
 */
export function clockEndpoint(clock: Clock, origins: ReadonlySet<string>): LocalEndpoint {
  return forOrigins(origins, 'the local clock', async (request, _path, body) => {
    switch (request.method) {
      case 'GET':
        return json(200, readingJson(clock.read()));
      case 'POST':
        return move(clock, request, body);
      case 'OPTIONS':
        return preflight('GET, POST');
      default:
        return json(405, { message: 'Method Not Allowed' }, { allow: 'GET, POST' });
    }
  });
}
