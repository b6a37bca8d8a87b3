// There are no organizations. Clerk's components ask for the lists, so each is empty for a browser that is signed in.
import type * as v from 'valibot';
import type { emptyPageAnswer } from '../../shared/base/answer-schema.ts';
import type { Answer } from '../../shared/http/answer.ts';
import { type KnownClientRequest, knownClientApi } from '../../shared/http/frontend-api.ts';
import { requireBrowserSession } from '../../shared/sessions/browser-session.ts';

async function answerNone(request: KnownClientRequest): Promise<Answer> {
  await requireBrowserSession(request.client, request);
  const response: v.InferOutput<typeof emptyPageAnswer> = { data: [], total_count: 0 };
  return { body: { response, client: null } };
}

export const ListMyOrganizationMemberships = knownClientApi('ListMyOrganizationMemberships', answerNone);
export const ListMyOrganizationInvitations = knownClientApi('ListMyOrganizationInvitations', answerNone);
export const ListMyOrganizationSuggestions = knownClientApi('ListMyOrganizationSuggestions', answerNone);
