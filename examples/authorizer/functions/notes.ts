/** A function behind the authorizer. It verifies nothing itself: it is only called for those whom the authorizer let in. */
import type { APIGatewayProxyEventV2WithLambdaAuthorizer, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Caller } from './authorize.ts';

/** Kept by one execution environment, until it ends; yours are in a table. */
const notes: { readonly of: string; readonly text: string; readonly writtenBy: string }[] = [];

function answer(statusCode: number, body: object): APIGatewayProxyStructuredResultV2 {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

/** `GET /notes` tells who is signed in and shows their notes; `POST /notes` adds its body to them. */
export async function handler(
  event: APIGatewayProxyEventV2WithLambdaAuthorizer<Caller>,
): Promise<APIGatewayProxyStructuredResultV2> {
  const caller = event.requestContext.authorizer.lambda;
  if (event.requestContext.http.method === 'GET')
    return answer(200, { caller, notes: notes.filter((note) => note.of === caller.user_id) });
  const note = {
    of: caller.user_id,
    text: event.body ?? '',
    // On the record: who really did it.
    writtenBy: caller.is_impersonated === 'true' ? caller.actor_sub : caller.user_id,
  };
  notes.push(note);
  return answer(201, { note });
}
