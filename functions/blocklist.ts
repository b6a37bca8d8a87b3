// The actors who may not impersonate.
import { CreateBlocklistIdentifier } from './blocklist/create-blocklist-identifier.ts';
import { DeleteBlocklistIdentifier } from './blocklist/delete-blocklist-identifier.ts';
import { ListBlocklistIdentifiers } from './blocklist/list-blocklist-identifiers.ts';
import { dispatch } from './dispatch.ts';
import { ownInstance } from './own-instance.ts';

export const lambda = dispatch(ROUTES_OF_BLOCKLIST, {
  CreateBlocklistIdentifier,
  ListBlocklistIdentifiers,
  DeleteBlocklistIdentifier,
});
export const handler = lambda(ownInstance);
