import { describe, expect, inject, test } from 'vitest';
import { routes } from '../../functions/routes.ts';
import { aPendingActorToken, aSignedInBrowser, aUser } from '../support/given.ts';
import { call } from '../support/http.ts';
import { send } from '../support/http-browser.ts';
import { storedItem } from '../support/stored.ts';

const { secretKey } = inject('stack');

const forAnyone = routes
  .filter(({ audience, method }) => audience === 'public' && method === 'GET')
  .map(({ path }) => path.replace('{proxy+}', '@clerk/clerk-js@6/dist/clerk.browser.js'));

/** The headers that differ between two requests of the same kind. */
function comparable({ 'clerk-trace-id': _trace, ...headers }: Readonly<Record<string, string>>) {
  return headers;
}

describe('HEAD of what anyone may GET', () => {
  test.each(forAnyone)('HEAD has the status and the headers of GET, and no content: %s', async (path) => {
    const get = await call({ path });
    const head = await call({ method: 'HEAD', path });

    expect(head.status).toBe(get.status);
    expect(comparable(head.headers)).toEqual(comparable(get.headers));
    expect(head.text).toBe('');
    expect(head.cookies).toEqual([]);
  });

  test('HEAD of a path below which there is nothing is not found, as GET is', async () => {
    const answers = [await call({ method: 'HEAD', path: '/npm/x' }), await call({ method: 'HEAD', path: '/nothing' })];

    expect(answers.map(({ status, text }) => [status, text])).toEqual([
      [404, ''],
      [404, ''],
    ]);
  });

  test.each(['/v1/health', '/.well-known/jwks.json', '/v1/openapi.json', '/v1/tickets/accept?ticket=x'])(
    'the deployed functions answer HEAD as they answer GET: %s',
    async (path) => {
      const [get, head] = await Promise.all([send('GET', path), send('HEAD', path)]);

      expect([head.status, head.text]).toEqual([get.status, '']);
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
      // RFC 9110 section 8.6: the length of what GET answers, or none.
      expect([null, get.headers.get('content-length')]).toContain(head.headers.get('content-length'));
    },
  );
});

describe('HEAD of a link', () => {
  const head = (ticket: string) =>
    call({ method: 'HEAD', path: `/v1/tickets/accept?ticket=${ticket}`, headers: { accept: 'text/html' } });

  test('HEAD of a link says whether it can be used, shows nothing of it and changes nothing', async () => {
    const userId = await aUser({ first_name: 'Private' });
    const { id, ticket } = await aPendingActorToken({ user_id: userId });
    const { browser, sessionId } = await aSignedInBrowser();
    const before = await Promise.all([storedItem('ACTOR_TOKENS', { id }), storedItem('SESSIONS', { id: sessionId })]);

    const answer = await browser.send('HEAD', `/v1/tickets/accept?ticket=${ticket}`);

    expect(answer).toMatchObject({ status: 200, text: '', cookies: [] });
    expect(JSON.stringify(answer)).not.toMatch(/Private|user_/);
    expect(await Promise.all([storedItem('ACTOR_TOKENS', { id }), storedItem('SESSIONS', { id: sessionId })])).toEqual(
      before,
    );
  });

  test('HEAD of a used link, and of one that never was, has the status of GET', async () => {
    const { ticket } = await aSignedInBrowser();

    const answers = [await head(ticket), await head('garbage')];

    expect(answers.map(({ status, text }) => [status, text])).toEqual([
      [400, ''],
      [400, ''],
    ]);
  });
});

test.each(['/v1/client', '/v1/environment', '/v1/me', '/v1/users', '/v1/jwks', '/v1/client/handshake'])(
  'HEAD of what not everyone may GET is refused, and does nothing: %s',
  async (path) => {
    const answer = await call({ method: 'HEAD', path, headers: { authorization: `Bearer ${secretKey}` } });

    expect(answer).toMatchObject({ status: 405, text: '', cookies: [] });
    expect(answer.headers.allow?.split(', ')).not.toContain('HEAD');
  },
);
