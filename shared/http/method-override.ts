// `_method` in the query of a POST: clerk-js sends `POST …?_method=DELETE`, which needs no preflight.
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** The method that replaces POST. Only a POST can have one, so a link never has an effect. */
export function methodOverride(event: APIGatewayProxyEventV2): 'PUT' | 'PATCH' | 'DELETE' | undefined {
  if (event.requestContext.http.method !== 'POST') return undefined;
  const override = new URLSearchParams(event.rawQueryString).get('_method')?.toUpperCase();
  return override === 'PUT' || override === 'PATCH' || override === 'DELETE' ? override : undefined;
}

/** The event with the overriding method, so that a router finds that method's operation. */
export function withMethodOverride(event: APIGatewayProxyEventV2): APIGatewayProxyEventV2 {
  const method = methodOverride(event);
  if (method === undefined) return event;
  const { requestContext } = event;
  return { ...event, requestContext: { ...requestContext, http: { ...requestContext.http, method } } };
}
