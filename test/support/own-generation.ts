// An instance that shares the tables with all others and none of what is stored in them, for tests that stop a whole instance.
import { createActorToken } from '../../shared/actor-tokens/create-actor-token.ts';
import { epochMs } from '../../shared/base/time.ts';
import { Browser } from './browser.ts';
import { aUser } from './given.ts';
import { startApi, testInstance } from './http.ts';

/** Starts it. Blocks have no generation, so its blocklist is in another table, where no other instance looks for one. */
export function anInstanceOfItsOwn(generation: number, blocklist: 'clients' | 'actorTokens' | 'users') {
  const variables = { GENERATION: String(generation), BLOCKLIST_TABLE: testInstance().tables[blocklist] };
  const instance = testInstance(variables);
  const api = startApi(instance);
  const call = () => ({ instance, now: epochMs(Date.now()) });

  /** Creates an actor token as a server. The secret keys of the tests are of another generation. */
  const createToken = async (sub: string) => {
    const caller = { sourceIp: '192.0.2.1', userAgent: 'test', secretKeyId: `key_${'0'.repeat(27)}` } as const;
    const params = { actor: { sub }, reason: undefined, expiresInSeconds: 60, sessionMaxDurationInSeconds: 600 };
    return createActorToken({ ...params, userId: await aUser() }, { ...call(), caller });
  };

  /** Signs a browser in, and returns it with its session. */
  const signIn = async (sub: string) => {
    const { ticket } = await createToken(sub);
    const browser = new Browser(api);
    const { json } = await browser.redeem(ticket);
    const sessionId: string = json.response.created_session_id;
    return { browser, sessionId, token: () => browser.post(`/v1/client/sessions/${sessionId}/tokens`) };
  };

  return { api, call, createToken, signIn };
}
