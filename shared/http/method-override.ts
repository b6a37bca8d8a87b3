// `_method` in the query of a POST: clerk-js sends `POST …?_method=DELETE`, which needs no preflight.
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

type Override = 'PUT' | 'PATCH' | 'DELETE';

/** The method that `_method` names, in any case; undefined for any other than PUT, PATCH and DELETE. */
export function methodNamedBy(rawQueryString: string): Override | undefined {
  const override = new URLSearchParams(rawQueryString).get('_method')?.toUpperCase();
  return override === 'PUT' || override === 'PATCH' || override === 'DELETE' ? override : undefined;
}

/** The method that replaces POST. Only a POST can have one, so a link never has an effect. */
export function methodOverride({ requestContext, rawQueryString }: APIGatewayProxyEventV2): Override | undefined {
  return requestContext.http.method === 'POST' ? methodNamedBy(rawQueryString) : undefined;
}

/** The event with the overriding method, so that a router finds that method's operation. */
export function withMethodOverride(event: APIGatewayProxyEventV2): APIGatewayProxyEventV2 {
  const method = methodOverride(event);
  if (method === undefined) return event;
  const { requestContext } = event;
  return { ...event, requestContext: { ...requestContext, http: { ...requestContext.http, method } } };
}
