import * as v from 'valibot';

/** A response to a client. */
export interface HttpResponse {
  readonly status: number;
  /** Lower-case names; `set-cookie` may have several values. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

const resultSchema = v.looseObject({
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

/** Returns API Gateway's own response to a request that reaches no function. */
export function gatewayResponse(status: number, message: string): HttpResponse {
  const body = Buffer.from(JSON.stringify({ message }));
  return { status, headers: { 'content-type': 'application/json' }, body };
}

/** Returns the response that API Gateway makes of a function's result in payload format 2.0; 500 when it is malformed. */
export function responseFrom(result: unknown): HttpResponse {
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    const body = typeof result === 'string' ? result : JSON.stringify(result);
    return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) };
  }
  const parsed = v.safeParse(resultSchema, result);
  if (!parsed.success) return gatewayResponse(500, 'Internal Server Error');
  const { statusCode, cookies, isBase64Encoded } = parsed.output;
  const body = Buffer.from(parsed.output.body, isBase64Encoded ? 'base64' : 'utf8');
  const headers: Record<string, string | string[]> = {};
  if (body.length > 0) headers['content-type'] = 'text/plain;charset=UTF-8';
  for (const [name, value] of Object.entries(parsed.output.headers)) headers[name.toLowerCase()] = String(value);
  // The gateway sets the length of the body that it sends.
  delete headers['content-length'];
  const own = headers['set-cookie'];
  const all = [...(typeof own === 'string' ? [own] : []), ...cookies];
  if (all.length > 0) headers['set-cookie'] = all;
  return { status: statusCode, headers, body };
}
