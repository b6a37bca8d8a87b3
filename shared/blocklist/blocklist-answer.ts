// Blocks as they are answered. Source: Clerk's public OpenAPI document, BlocklistIdentifier.
import * as v from 'valibot';
import { idOf, resource, timestamp, wholeNumber } from '../base/answer-schema.ts';
import { epochMs } from '../base/time.ts';

export const blocklistIdentifierAnswer = v.pipe(
  resource('blocklist_identifier', {
    id: idOf('blid'),
    identifier: v.string(),
    identifier_type: v.exactOptional(v.literal('email_address')),
    instance_id: idOf('ins'),
    created_at: timestamp,
    updated_at: timestamp,
  }),
  v.examples([
    {
      object: 'blocklist_identifier',
      id: 'blid_2Zwn4c4SnN4HHeTb8EK7pe29iof',
      identifier: 'mia@example.com',
      identifier_type: 'email_address',
      instance_id: 'ins_2Zwn4c4SnN4HHeTb8EK7pe29iof',
      created_at: epochMs(1_767_225_600_000),
      updated_at: epochMs(1_767_225_600_000),
    },
  ]),
);

export const blocklistAnswer = v.strictObject({ data: v.array(blocklistIdentifierAnswer), total_count: wholeNumber });

export const deletedBlockAnswer = resource('blocklist_identifier', { id: idOf('blid'), deleted: v.literal(true) });
