// A backup is restored: tickets, keys and sessions that were used, revoked, ended or replaced since must not become valid again.
import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { Instance } from '../../shared/base/instance.ts';
import { epochMs } from '../../shared/base/time.ts';
import { createSecretKey } from '../../shared/secret-keys/create-secret-key.ts';
import { revokeSecretKey } from '../../shared/secret-keys/revoke-secret-key.ts';
import { Browser } from '../support/browser.ts';
import { type Api, startApi, type TestAnswer, testInstance } from '../support/http.ts';
import { backup, restore } from './restored.ts';

const now = () => epochMs(Date.now());
const ownCall = () => ({ instance: testInstance(), now: now() });
const generation = Number(inject('stack').environment.GENERATION);

const bearer = (secretKey: string) => ({ authorization: `Bearer ${secretKey}` });

/** The credentials that people have from the story before the backup. */
interface Story {
  readonly userId: string;
  readonly secretKey: string;
  readonly revokedSecretKey: string;
  readonly pending: ActorToken;
  readonly redeemed: ActorToken;
  readonly revoked: ActorToken;
  readonly live: SignedIn;
  readonly ended: SignedIn;
  /** A browser that signed in again since, with its cookies from before. */
  readonly replaced: SignedIn;
  /** The `cookies` of a browser after each sign-in. */
  readonly cookiesOf: ReadonlyMap<SignedIn, readonly string[]>;
}

/** The API with the restored tables. */
interface Restored extends Api {
  readonly instance: Instance;
}

interface ActorToken {
  readonly id: string;
  readonly ticket: string;
}

interface SignedIn {
  readonly browser: Browser;
  readonly sessionId: string;
}

function idOf(answer: TestAnswer): string {
  return answer.status === 200 ? answer.json.id : expect.fail(answer.text);
}

async function actorToken(
  { callBackend }: Api,
  userId: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<ActorToken> {
  const body = { user_id: userId, actor: { sub: 'user_support' } };
  const answer = await callBackend('POST', '/v1/actor_tokens', body, headers);
  return { id: idOf(answer), ticket: answer.json.token };
}

async function signIn(browser: Browser, { ticket }: ActorToken): Promise<SignedIn> {
  const answer = await browser.redeem(ticket);
  if (answer.status !== 200) expect.fail(answer.text);
  return { browser, sessionId: answer.json.response.created_session_id };
}

/** Returns a browser with those cookies. */
function browserWith(api: Api, cookies: readonly string[] = []): Browser {
  const browser = new Browser(api);
  browser.keep(cookies);
  return browser;
}

const outcome = ({ status, json }: TestAnswer) => (status === 200 ? 200 : `${status} ${json.errors[0].code}`);
const tokensOf = (sessionId: string) => `/v1/client/sessions/${sessionId}/tokens`;

let story: Story;
let restoredOf: (suffix: string, generation: number) => Promise<Restored>;

beforeAll(async () => {
  const own = startApi(testInstance());
  const userId = idOf(await own.callBackend('POST', '/v1/users', { first_name: 'Target' }));
  const [key, keyToRevoke] = [
    await createSecretKey({ name: 'a' }, ownCall()),
    await createSecretKey({ name: 'b' }, ownCall()),
  ];
  const [pending, redeemed, revoked] = [
    await actorToken(own, userId),
    await actorToken(own, userId),
    await actorToken(own, userId),
  ];
  const signedIn = async () => signIn(new Browser(own), await actorToken(own, userId));
  const [live, ended, replaced] = [await signedIn(), await signedIn(), await signedIn()];
  const cookiesOf = new Map([live, ended, replaced].map((each) => [each, each.browser.cookies] as const));

  const taken = await backup();

  // After the backup everything is used, revoked or ended.
  await signIn(new Browser(own), redeemed);
  idOf(await own.callBackend('POST', `/v1/actor_tokens/${revoked.id}/revoke`));
  expect(outcome(await ended.browser.post(`/v1/client/sessions/${ended.sessionId}/end`))).toBe(200);
  await signIn(replaced.browser, await actorToken(own, userId));
  await revokeSecretKey(keyToRevoke.key.id, ownCall());

  story = {
    userId,
    secretKey: key.secret,
    revokedSecretKey: keyToRevoke.secret,
    ...{ pending, redeemed, revoked, live, ended, replaced, cookiesOf },
  };
  restoredOf = async (suffix, restoredGeneration) => {
    const instance = testInstance({ ...(await restore(taken, suffix)), GENERATION: String(restoredGeneration) });
    return { instance, ...startApi(instance) };
  };
});

test('before the restore, ended and used ones are refused', async () => {
  const { userId, revokedSecretKey, redeemed, revoked, ended, replaced, cookiesOf } = story;
  const own = startApi(testInstance());

  expect({
    redeemed: outcome(await new Browser(own).redeem(redeemed.ticket)),
    revoked: outcome(await new Browser(own).redeem(revoked.ticket)),
    ended: outcome(await browserWith(own, cookiesOf.get(ended)).post(tokensOf(ended.sessionId))),
    replaced: outcome(await browserWith(own, cookiesOf.get(replaced)).post(tokensOf(replaced.sessionId))),
    secretKey: outcome(await own.callBackend('GET', `/v1/users/${userId}`, undefined, bearer(revokedSecretKey))),
  }).toEqual({
    redeemed: '400 actor_token_already_used_code',
    revoked: '400 actor_token_revoked_code',
    ended: '401 authentication_invalid',
    replaced: '401 authentication_invalid',
    secretKey: '401 clerk_key_invalid',
  });
});

test('a backup that is restored under the same generation revives everything', async () => {
  const restored = await restoredOf('same', generation);
  const { userId, revokedSecretKey, redeemed, revoked, ended, replaced, cookiesOf } = story;

  expect({
    redeemed: outcome(await new Browser(restored).redeem(redeemed.ticket)),
    revoked: outcome(await new Browser(restored).redeem(revoked.ticket)),
    ended: outcome(await browserWith(restored, cookiesOf.get(ended)).post(tokensOf(ended.sessionId))),
    replaced: outcome(await browserWith(restored, cookiesOf.get(replaced)).post(tokensOf(replaced.sessionId))),
    secretKey: outcome(await restored.callBackend('GET', `/v1/users/${userId}`, undefined, bearer(revokedSecretKey))),
  }).toEqual({ redeemed: 200, revoked: 200, ended: 200, replaced: 200, secretKey: 200 });
});

describe('a restored backup under the next generation', () => {
  let restored: Restored;
  let headers: Readonly<Record<string, string>>;

  beforeAll(async () => {
    restored = await restoredOf('next', generation + 1);
    headers = bearer(
      (await createSecretKey({ name: 'after the restore' }, { instance: restored.instance, now: now() })).secret,
    );
  });

  const backend = (method: string, path: string, body?: unknown) => restored.callBackend(method, path, body, headers);

  test.each(['secretKey', 'revokedSecretKey'] as const)(
    'a backup under the next generation revives no secret key (%s)',
    async (which) => {
      const answer = await restored.callBackend('GET', `/v1/users/${story.userId}`, undefined, bearer(story[which]));

      expect(outcome(answer)).toBe('401 clerk_key_invalid');
    },
  );

  test.each(['pending', 'redeemed', 'revoked'] as const)(
    'a backup under the next generation revives no ticket (%s)',
    async (which) => {
      const { id, ticket } = story[which];
      const link = {
        method: 'GET',
        path: `/v1/tickets/accept?ticket=${ticket}`,
        headers: { accept: 'application/json' },
      };
      const browser = new Browser(restored);

      expect(outcome(await browser.redeem(ticket))).toBe('400 ticket_invalid_code');
      expect(browser.cookies).toEqual([]);
      expect(outcome(await backend('POST', `/v1/actor_tokens/${id}/revoke`))).toBe('404 resource_not_found');
      expect(outcome(await restored.call(link))).toBe('400 ticket_invalid_code');
    },
  );

  test.each(['live', 'ended', 'replaced'] as const)(
    'a backup under the next generation revives no session for its browser (%s)',
    async (which) => {
      const { sessionId } = story[which];
      const session = `/v1/client/sessions/${sessionId}`;
      const asked = async (method: string, path: string) => {
        const browser = browserWith(restored, story.cookiesOf.get(story[which]));
        return outcome(await browser.send(method, path, method === 'POST' ? {} : undefined));
      };

      expect({
        tokens: await asked('POST', `${session}/tokens`),
        touch: await asked('POST', `${session}/touch`),
        end: await asked('POST', `${session}/end`),
        remove: await asked('POST', `${session}/remove`),
        read: await asked('GET', session),
        signIn: await asked('GET', `/v1/client/sign_ins/${sessionId.replace('sess_', 'sia_')}`),
        signOut: await asked('DELETE', '/v1/client/sessions'),
        me: await asked('GET', '/v1/me'),
        mySessions: await asked('GET', '/v1/me/sessions'),
      }).toEqual({
        tokens: '404 resource_not_found',
        touch: '404 resource_not_found',
        end: '404 resource_not_found',
        remove: '404 resource_not_found',
        read: '404 resource_not_found',
        signIn: '404 resource_not_found',
        signOut: '401 signed_out',
        me: '401 authentication_invalid',
        mySessions: '401 authentication_invalid',
      });
    },
  );

  test.each(['live', 'ended', 'replaced'] as const)(
    'a backup under the next generation does not know its browsers (%s)',
    async (which) => {
      const browser = browserWith(restored, story.cookiesOf.get(story[which]));
      const page = encodeURIComponent(inject('stack').allowedOrigin);

      const client = await browser.get('/v1/client');
      const handshake = await browser.get(`/v1/client/handshake?redirect_url=${page}`);

      expect(client.json).toEqual({ response: null, client: null });
      const [, jwt = ''] = /__clerk_handshake=([^;]+)/.exec(handshake.cookies.join()) ?? [];
      const payload = Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString();
      expect(JSON.parse(payload).handshake).toContainEqual(expect.stringMatching(/^__client_uat=0;/));
      expect(payload).not.toMatch(/__session=ey/);
    },
  );

  test('a backup under the next generation revives no session for servers', async () => {
    const { live, userId } = story;

    expect({
      read: outcome(await backend('GET', `/v1/sessions/${live.sessionId}`)),
      tokens: outcome(await backend('POST', `/v1/sessions/${live.sessionId}/tokens`, {})),
      revoke: outcome(await backend('POST', `/v1/sessions/${live.sessionId}/revoke`)),
    }).toEqual({
      read: '404 resource_not_found',
      tokens: '404 resource_not_found',
      revoke: '404 resource_not_found',
    });
    const [clientId] = (live.browser.cookie('__Host-client') ?? '').split('.');
    expect((await backend('GET', `/v1/sessions?user_id=${userId}`)).json).toEqual([]);
    expect((await backend('GET', `/v1/sessions?client_id=${clientId}&status=active`)).json).toEqual([]);
  });

  test('a backup under the next generation keeps the users, who can be impersonated anew', async () => {
    const { userId, live } = story;
    const old = browserWith(restored, story.cookiesOf.get(live));
    const [clientOfBefore] = (old.cookie('__Host-client') ?? '').split('.');

    expect(idOf(await backend('GET', `/v1/users/${userId}`))).toBe(userId);
    for (const browser of [old, new Browser(restored)]) {
      const { sessionId } = await signIn(browser, await actorToken(restored, userId, headers));
      expect(outcome(await browser.post(tokensOf(sessionId)))).toBe(200);
      expect(outcome(await backend('GET', `/v1/sessions/${sessionId}`))).toBe(200);
    }
    expect(old.cookie('__Host-client')).toMatch(/^client_/);
    expect(old.cookie('__Host-client')).not.toContain(clientOfBefore);
  });
});
