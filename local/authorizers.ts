import type { APIGatewayProxyEventV2, APIGatewayRequestAuthorizerEventV2 } from 'aws-lambda';
import * as v from 'valibot';
import type { RouteDefinition } from './stack.ts';
import { accountId, region } from './template.ts';

const onlyIdentity = '$request.header.Authorization';

/**
 * The Lambda authorizers that are understood: payload 2.0, simple responses, one header, no caching. Any other must not run
 * here as if it were one of these.
 */
export const lambdaAuthorizer = v.object({
  AuthorizerType: v.literal('REQUEST'),
  AuthorizerUri: v.string(),
  AuthorizerPayloadFormatVersion: v.literal('2.0'),
  EnableSimpleResponses: v.literal(true),
  IdentitySource: v.tuple([v.literal(onlyIdentity)]),
  AuthorizerResultTtlInSeconds: v.optional(v.literal(0)),
});

const simpleResponse = v.object({
  isAuthorized: v.boolean(),
  context: v.optional(v.record(v.string(), v.unknown()), {}),
});

/** API Gateway's own answer, in the form of a function's. */
function gatewayAnswer(statusCode: number, message: string): object {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message }) };
}

type Invoke<Event> = (functionName: string, event: Event) => Promise<unknown>;

/** What API Gateway tells an authorizer: the request without its body, and who the caller claims to be. */
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
 * Passes an event on to its function once the authorizer of its route, if there is one, has let it through, with what the
 * authorizer said as `requestContext.authorizer.lambda`. Without the identity it is answered 401 and the authorizer is not
 * asked; refused, 403; an authorizer that fails or says something else rejects, which is answered with 500.
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
    if (!identity) return gatewayAnswer(401, 'Unauthorized');
    const answer = await invoke(authorizer, authorizerEvent(event, identity));
    const { isAuthorized, context } = v.parse(simpleResponse, answer);
    if (!isAuthorized) return gatewayAnswer(403, 'Forbidden');
    const requestContext = { ...event.requestContext, authorizer: { lambda: context } };
    return invoke(functionName, { ...event, requestContext });
  };
}
