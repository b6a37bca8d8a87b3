import { createHash } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** 32 hexadecimal digits that lead from an answer to its log line and, by the request id, to the access log. */
export function traceIdOf(event: APIGatewayProxyEventV2): string {
  return createHash('sha256').update(event.requestContext.requestId).digest('hex').slice(0, 32);
}
