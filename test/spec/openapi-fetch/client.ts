import { text } from 'node:stream/consumers';
// docs: openapi-fetch
import createClient from 'openapi-fetch';
import type { paths } from './api.d.ts';

// end

const { apiUrl, secretKey, externalId } = JSON.parse(await text(process.stdin));

// docs: openapi-fetch
const api = createClient<paths>({ baseUrl: apiUrl, headers: { authorization: `Bearer ${secretKey}` } });

const user = await api.POST('/v1/users', { body: { external_id: externalId, first_name: 'Ada' } });
const created = await api.POST('/v1/actor_tokens', { body: { user_id: externalId, actor: { sub: 'support_7' } } });
// end

const path = { actor_token_id: created.data?.id ?? '' };
const revoked = await api.POST('/v1/actor_tokens/{actor_token_id}/revoke', { params: { path } });
const again = await api.POST('/v1/actor_tokens/{actor_token_id}/revoke', { params: { path } });

console.log(
  JSON.stringify({
    user: user.data?.external_id,
    created: created.data?.status,
    revoked: revoked.data?.status,
    refused: [again.response.status, again.error?.errors[0]?.code],
  }),
);
