import { noParams } from '../../shared/base/params.ts';
import {
  blocklistAnswer,
  blocklistIdentifierAnswer,
  deletedBlockAnswer,
} from '../../shared/blocklist/blocklist-answer.ts';
import { blockIdentifierBody, listBlocksQuery } from '../../shared/blocklist/blocklist-schema.ts';
import { codes } from '../codes.ts';
import { jsonAnswer, type Route } from '../route.ts';

const lambda = 'blocklist';
const audience = 'backend';

/** The routes of the Lambda `blocklist`. */
export const blocklistRoutes = [
  {
    operation: 'CreateBlocklistIdentifier',
    lambda,
    audience,
    // To block takes rights away.
    scope: 'revoke',
    method: 'POST',
    path: '/v1/blocklist_identifiers',
    summary: 'blocks an actor, or everybody, and ends their sessions',
    json: blockIdentifierBody,
    examples: [{ identifier: 'mia@example.com', reason: 'left the company' }],
    answers: jsonAnswer('The block.', blocklistIdentifierAnswer),
    codes: [...codes.json, 'form_param_missing', 'form_param_value_invalid'],
  },
  {
    operation: 'ListBlocklistIdentifiers',
    lambda,
    audience,
    scope: 'read',
    method: 'GET',
    path: '/v1/blocklist_identifiers',
    summary: 'lists the actors who are blocked, newest first',
    query: listBlocksQuery,
    answers: jsonAnswer('A page of the blocks that stand.', blocklistAnswer),
    codes: codes.query,
  },
  {
    operation: 'DeleteBlocklistIdentifier',
    lambda,
    audience,
    // To lift a block gives rights, as creating an actor token does.
    scope: 'create',
    method: 'DELETE',
    path: '/v1/blocklist_identifiers/{identifier_id}',
    summary: 'lifts a block; what was created before stays dead',
    json: noParams,
    answers: jsonAnswer('The id of the block that was lifted.', deletedBlockAnswer),
    codes: [...codes.json, 'resource_not_found'],
  },
] as const satisfies readonly Route[];
