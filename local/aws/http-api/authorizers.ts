import type { APIGatewayProxyEventV2, APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import { accountId, region } from '../account.ts';
import type { RouteDefinition } from './routes.ts';

/**
 * The properties of a Lambda authorizer that is understood: payload 2.0, simple responses, one header, no caching. Any other
 * authorizer is refused, because it must not run here as if it were one of these.
 */
export const authorizerProperties = v.object({
  AuthorizerType: v.literal('REQUEST'),
  AuthorizerUri: v.string(),
  AuthorizerPayloadFormatVersion: v.literal('2.0'),
  EnableSimpleResponses: v.literal(true),
  IdentitySource: v.tuple([v.literal('$request.header.Authorization')]),
  AuthorizerResultTtlInSeconds: v.optional(v.literal(0)),
});

const simpleResponse = v.object({
  isAuthorized: v.boolean(),
  context: v.optional(v.record(v.string(), v.unknown()), {}),
});

/** Returns API Gateway's own response, in the form of a function's result. */
function gatewayResult(statusCode: number, message: string): object {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message }) };
}

type Invoke<Event> = (functionName: string, event: Event) => Promise<unknown>;

/** Returns the event of an authorizer: the request without its body, and the identity that the caller claims. */
function authorizerEvent(
  { body: _body, isBase64Encoded: _encoded, ...event }: APIGatewayProxyEventV2,
  identity: string,
): Omit<APIGatewayRequestAuthorizerEventV2, 'cookies'> {
  const { http, stage, apiId } = event.requestContext;
  return {
    ...event,
    type: 'REQUEST',
    routeArn: `arn:aws:execute-api:${region}:${accountId}:${apiId}/${stage}/${http.method}${http.path}`,
    identitySource: [identity],
  };
}

/**
 * Returns an `invoke` that first invokes the authorizer of the event's route, if it has one. The function receives the context
 * that the authorizer returned as `requestContext.authorizer.lambda`. Without an identity the result is 401 and the authorizer
 * is not invoked; when it does not authorize, the result is 403; when it fails or returns anything else, the promise rejects,
 * which API Gateway answers with 500.
 */
export function authorizing(
  routes: readonly RouteDefinition[],
  invoke: Invoke<object>,
): Invoke<APIGatewayProxyEventV2> {
  const authorizers = new Map(routes.map(({ routeKey, authorizer }) => [routeKey, authorizer]));

  return async (functionName, event) => {
    const authorizer = authorizers.get(event.routeKey);
    if (authorizer === undefined) return invoke(functionName, event);
    const identity = event.headers.authorization;
    if (!identity) return gatewayResult(401, 'Unauthorized');
    const response = await invoke(authorizer, authorizerEvent(event, identity));
    const { isAuthorized, context } = v.parse(simpleResponse, response);
    if (!isAuthorized) return gatewayResult(403, 'Forbidden');
    const requestContext = { ...event.requestContext, authorizer: { lambda: context } };
    return invoke(functionName, { ...event, requestContext });
  };
}
