import * as v from 'valibot';

/** What is sent back to the client. */
export interface HttpResponse {
  readonly status: number;
  /** Lower-case names; `set-cookie` may have several values. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

const shaped = v.looseObject({
  statusCode: v.pipe(
    v.union([v.number(), v.pipe(v.string(), v.transform(Number))]),
    v.integer(),
    v.minValue(100),
    v.maxValue(599),
  ),
  headers: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()])), {}),
  cookies: v.optional(v.array(v.string()), []),
  body: v.optional(v.string(), ''),
  isBase64Encoded: v.optional(v.boolean(), false),
});

/** API Gateway's own answer to what it does not pass on. */
export function gatewayResponse(status: number, message: string): HttpResponse {
  const body = Buffer.from(JSON.stringify({ message }));
  return { status, headers: { 'content-type': 'application/json' }, body };
}

/** The response API Gateway makes of a function's answer in payload format 2.0; of a malformed one, a 500. */
export function responseFrom(answer: unknown): HttpResponse {
  if (typeof answer !== 'object' || answer === null || !('statusCode' in answer)) {
    const body = typeof answer === 'string' ? answer : JSON.stringify(answer);
    return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) };
  }
  const result = v.safeParse(shaped, answer);
  if (!result.success) return gatewayResponse(500, 'Internal Server Error');
  const { statusCode, cookies, isBase64Encoded } = result.output;
  const body = Buffer.from(result.output.body, isBase64Encoded ? 'base64' : 'utf8');
  const headers: Record<string, string | string[]> = {};
  if (body.length > 0) headers['content-type'] = 'text/plain;charset=UTF-8';
  for (const [name, value] of Object.entries(result.output.headers)) headers[name.toLowerCase()] = String(value);
  // The length of what is sent is the gateway's to say.
  delete headers['content-length'];
  const own = headers['set-cookie'];
  const all = [...(typeof own === 'string' ? [own] : []), ...cookies];
  if (all.length > 0) headers['set-cookie'] = all;
  return { status: statusCode, headers, body };
}
