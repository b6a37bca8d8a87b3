import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** Identifies a request in its answer and in its log line, which also has the request id of the access log; 32 hexadecimal digits. */
export function traceIdOf(event: APIGatewayProxyEventV2): string {
  return createHash('sha256').update(event.requestContext.requestId).digest('hex').slice(0, 32);
}
