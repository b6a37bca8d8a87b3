import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** A header by its name in lower case; undefined when absent or empty. API Gateway lower-cases names, the SAM CLI does not. */
export function headerOf(event: APIGatewayProxyEventV2, name: string): string | undefined {
  const found = Object.entries(event.headers).find(([key]) => key.toLowerCase() === name);
  return found?.[1] || undefined;
}
