// Reads the parameters of requests about the blocklist, and writes blocks as they are answered.
import * as v from 'valibot';
import type { Instance } from '../base/instance.ts';
import { limits } from '../base/limits.ts';
import { parseParams, printableString } from '../base/params.ts';
import { pageParams, queryObject } from '../base/url-params.ts';
import type { Block } from './block.ts';
import type { BlockIdentifier } from './block-identifier.ts';
import type { blocklistIdentifierAnswer } from './blocklist-answer.ts';

export const blockIdentifierBody = v.strictObject({
  identifier: v.pipe(
    printableString({ max: limits.actorSubLength }),
    v.description('The `sub` of an actor, the claim `sub` or `email` of an operator, or `*` for everybody.'),
  ),
  reason: v.nullish(v.pipe(printableString({ max: limits.reasonLength }), v.description('Why, for the record.'))),
});

/**
 * Reads the body of `POST /v1/blocklist_identifiers`.
 *
 * @throws the `form_param_…` codes of `parseParams`
 */
export function parseBlockIdentifier(body: unknown): BlockIdentifier {
  const { identifier, reason } = parseParams(blockIdentifierBody, body);
  return { identifier, reason: reason ?? undefined };
}

export const listBlocksQuery = v.strictObject({
  ...pageParams,
  limit: v.optional(pageParams.limit.wrapped, String(limits.list.max)),
});

/**
 * Reads the query of `GET /v1/blocklist_identifiers`.
 *
 * @throws the `form_param_…` codes of `parseParams`
 */
export function parseListBlocks(query: URLSearchParams): { readonly limit: number; readonly offset: number } {
  return parseParams(listBlocksQuery, queryObject(query));
}

/** The `blocklist_identifier` object. */
export function blocklistIdentifierJson(
  { id, identifier, blockedAt }: Block,
  instance: Instance,
): v.InferOutput<typeof blocklistIdentifierAnswer> {
  return {
    object: 'blocklist_identifier',
    id,
    identifier,
    ...(identifier.includes('@') && { identifier_type: 'email_address' }),
    instance_id: instance.id,
    created_at: blockedAt,
    updated_at: blockedAt,
  };
}
