import { text } from 'node:stream/consumers';
import { BackendAPIApi, Configuration, ResponseError } from './generated/index.ts';

const { apiUrl, secretKey, externalId } = JSON.parse(await text(process.stdin));

const api = new BackendAPIApi(new Configuration({ basePath: apiUrl, accessToken: secretKey }));

const user = await api.createUser({ createUserRequest: { externalId, firstName: 'Ada' } });
const created = await api.createActorToken({
  createActorTokenRequest: { userId: externalId, actor: { sub: 'support_7' } },
});
const revoked = await api.revokeActorToken({ actorTokenId: created.id });
const refused = await api.revokeActorToken({ actorTokenId: created.id }).catch(async (error) => {
  if (!(error instanceof ResponseError)) throw error;
  const { errors } = await error.response.json();
  return [error.response.status, errors[0].code];
});

console.log(JSON.stringify({ user: user.externalId, created: created.status, revoked: revoked.status, refused }));
