/** A function behind the authorizer. API Gateway invokes it only for callers that the authorizer accepts. */
import type { APIGatewayProxyEventV2WithLambdaAuthorizer, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Caller } from './authorize.ts';

/** The notes of one execution environment. An app of yours stores them in a table. */
const notes: { readonly of: string; readonly text: string; readonly writtenBy: string }[] = [];

function answer(statusCode: number, body: object): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** `GET /notes` returns the caller and the notes of the user; `POST /notes` adds its body to them. */
export async function handler(
  event: APIGatewayProxyEventV2WithLambdaAuthorizer<Caller>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const caller = event.requestContext.authorizer.lambda;
  if (event.requestContext.http.method === 'GET')
    return answer(200, { caller, notes: notes.filter((note) => note.of === caller.user_id) });
  const note = {
    of: caller.user_id,
    text: event.body ?? '',
    // The record names the person who acts, not the user whom they act as.
    writtenBy: caller.is_impersonated === 'true' ? caller.actor_sub : caller.user_id,
  };
  notes.push(note);
  return answer(201, { note });
}
