// The search at the end of each test run: all issued secrets and all output are recorded, and the search finds every kind of secret
// anywhere in a line, and nothing else.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { listenLocally } from '../../local/aws/server.ts';
import { HttpBrowser, send } from '../support/http-browser.ts';
import { checkOutputForSecrets, keepOutput, outputFile, rememberSecrets } from '../support/secrets.ts';

const run = promisify(execFile);
const project = fileURLToPath(new URL('../..', import.meta.url));
const { secretKey, allowedOrigin } = inject('stack');
const authorization = `Bearer ${secretKey}`;

let dir = '';

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'secrets-'));
});

afterEach(() => rm(dir, { recursive: true }));

async function backend(path: string, body: object) {
  const headers = { authorization, 'content-type': 'application/json' };
  const { json } = await send('POST', path, { headers, body: JSON.stringify(body) });
  return json;
}

/** One secret of each kind as the API issues it: the parts of its answer, and the texts that the search must find. */
async function handedOut(): Promise<Readonly<Record<string, { answer: string; secret: string }>>> {
  const user = await backend('/v1/users', {});
  const { token } = await backend('/v1/actor_tokens', { user_id: user.id, actor: { sub: 'support' } });
  const browser = new HttpBrowser();
  const { text, json } = await browser.redeem(token);
  const cookie = browser.cookies.get('__Host-client') ?? '';
  const path = `/v1/client/handshake?redirect_url=${allowedOrigin}`;
  const handshake = (await send('GET', path, { headers: { cookie: browser.cookieHeader } })).headers.getSetCookie();
  const jwt = /__clerk_handshake=([^;]+)/.exec(handshake.join('\n'))?.[1] ?? '';
  return {
    ticket: { answer: JSON.stringify({ token }), secret: token },
    'session token': { answer: text, secret: json.client.sessions[0].last_active_token.jwt },
    handshake: { answer: handshake.join('\n'), secret: jwt },
    'client cookie': { answer: `__Host-client=${cookie}; Path=/`, secret: cookie.split('.')[1] ?? '' },
    'secret key': { answer: JSON.stringify({ secret: secretKey }), secret: secretKey },
  };
}

const found = (what: string) => new Error(`The output of this run contains secrets that it issued: ${what}.`);

const search = (): Promise<unknown> => checkOutputForSecrets(dir).catch((error: unknown) => error);

describe('the search', () => {
  const searchLine = async (line: string) => {
    await writeFile(join(dir, 'functions.log'), `{"level":"info"}\n${line}\n`);
    return search();
  };

  test.each(['ticket', 'session token', 'handshake', 'client cookie', 'secret key'])(
    'the search finds a %s, and names it by its kind alone',
    async (kind) => {
      const { answer = '', secret = '' } = (await handedOut())[kind] ?? {};
      rememberSecrets([answer], dir);
      const parts = secret.split('.').slice(kind.endsWith('key') || kind.endsWith('cookie') ? 0 : 1);

      expect(await searchLine('{"message":"request"}')).toBeUndefined();
      for (const spelled of [secret, ...parts, `x${parts.at(-1)}`, secret.slice(0, -8)])
        expect(await searchLine(JSON.stringify({ route: `/a?b=${spelled}` }))).toEqual(
          found(`a ${kind} in 1 line of functions.log`),
        );
    },
  );

  test('the search finds the session token inside a handshake', async () => {
    const { handshake } = await handedOut();
    rememberSecrets([handshake?.answer ?? ''], dir);
    const payload = Buffer.from(handshake?.secret.split('.')[1] ?? '', 'base64url').toString();
    const sessionToken = /__session[^=]*=([^;]+)/.exec(payload)?.[1] ?? '';

    expect(await searchLine(sessionToken)).toEqual(found('a session token in 1 line of functions.log'));
  });

  test('the search finds a signature of KMS that no answer carried', async () => {
    const signature = Buffer.alloc(256, 'signature');
    rememberSecrets([JSON.stringify({ Signature: signature.toString('base64') })], dir);

    expect(await searchLine(`eyJ.eyJ.${signature.toString('base64url')}`)).toEqual(
      found('a signature in 1 line of functions.log'),
    );
  });

  test('the search reports in whose output a secret is, and how often', async () => {
    const { ticket, 'session token': sessionToken } = await handedOut();
    rememberSecrets([ticket?.answer ?? '', sessionToken?.answer ?? ''], dir);
    keepOutput(outputFile(dir, 'vitest'), `${ticket?.secret}\n${sessionToken?.secret}\n${ticket?.secret}\n`);
    keepOutput(outputFile(dir, 'console/test/browser/a.test.ts'), ticket?.secret ?? '');

    expect(await search()).toEqual(
      found(
        'a ticket in 1 line of output/console/test/browser/a.test.ts.log, ' +
          'a ticket in 2 lines of output/vitest.log, a session token in 1 line of output/vitest.log',
      ),
    );
  });

  test('ids, hashes and texts that were never issued are no secrets', async () => {
    for (const { answer } of Object.values(await handedOut())) rememberSecrets([answer], dir);
    const line = {
      instance: inject('stack').instanceId,
      trace_id: '0'.repeat(32),
      request_id: 'f47ac10b-58cc-4372-a567-0e02b2c3d479',
      session_id: `sess_${'1'.repeat(27)}`,
      text: `eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9 sk_live_${'2'.repeat(43)}`,
    };

    expect(await searchLine(JSON.stringify(line))).toBeUndefined();
  });

  test('a command that creates a secret key may show it, and nothing else', async () => {
    const { ticket } = await handedOut();
    rememberSecrets([ticket?.answer ?? ''], dir);
    const shows = outputFile(dir, 'start.mjs.stdout', 'secret key');
    keepOutput(shows, `SECRET_KEY=${secretKey}\n`);
    const before = await search();

    keepOutput(shows, `${ticket?.secret}\n`);
    keepOutput(outputFile(dir, 'start.mjs.stderr'), `${secretKey}\n`);

    expect(before).toBeUndefined();
    expect(await search()).toEqual(
      found(
        'a ticket in 1 line of output/shows-a-secret-key/start.mjs.stdout.log, ' +
          'a secret key in 1 line of output/start.mjs.stderr.log',
      ),
    );
  });
});

describe('in a test run', () => {
  const kept = (path: string) => readFile(join(tmpdir(), path), 'utf8').catch(() => '');
  const secret = (letter: string) => letter.repeat(43);
  const cookie = (letter: string) => `client_${'0'.repeat(27)}.${secret(letter)}`;

  test('every answer of a server in a test process is remembered, and the key of its request', async () => {
    const server = createServer((request, response) => {
      const status = request.url === '/refused' ? 401 : 200;
      response.writeHead(status, { 'set-cookie': [`__Host-client=${cookie('h')}; Path=/`] });
      response.write(Buffer.from(`"${cookie('w')}"`));
      response.end(`"${cookie('e')}"`);
    });
    const { endpoint, stop } = await listenLocally(server, 0);
    onTestFinished(stop);
    const ask = (path: string, key: string) =>
      fetch(endpoint + path, { headers: { authorization: `Bearer sk_live_${key}` } }).then((answer) => answer.text());

    await ask('/', secret('k'));
    await ask('/refused', secret('n'));

    const remembered = await kept('secrets.jsonl');
    for (const letter of 'hwek') expect(remembered).toContain(secret(letter));
    expect(remembered).not.toContain(secret('n'));
  });

  test('the secret key of the running stack is remembered', async () => {
    await send('GET', '/v1/users/count', { headers: { authorization } });

    expect((await kept('secrets.jsonl')).includes(secretKey.slice('sk_test_'.length))).toBe(true);
  });

  test('the output of a passing test is kept, and that of the processes it starts', async () => {
    console.log('said by a passing test');
    await run(process.execPath, ['-e', `console.log('a result'); console.error('a complaint')`]);

    const path = 'output/console/test/clients/searched-output.test.ts.log';
    await vi.waitFor(async () => expect(await kept(path)).toContain('said by a passing test\n'));
    expect(await kept('output/node.stdout.log')).toContain('a result\n');
    expect(await kept('output/node.stderr.log')).toContain('a complaint\n');
  });

  test('the log of a handler in a test process is kept', async () => {
    const line = `{"level":"info","message":"of this test alone"}\n`;

    process.stdout.write(line);

    expect(await kept('output/handlers.log')).toContain(line);
  });

  test('a passing test that prints a secret fails the run', { timeout: 60_000 }, async () => {
    const config = `
      import { searchedOutput } from ${JSON.stringify(join(project, 'test/support/searched-output.ts'))};
      const test = { root: ${JSON.stringify(dir)}, include: ['*.test.ts'], silent: 'passed-only' };
      export default { plugins: [searchedOutput(${JSON.stringify(project)})], test };`;
    const leak = `
      import { createServer } from 'node:http';
      import { test } from 'vitest';
      test('passes', async () => {
        const server = createServer((_, response) => response.end('"client_${'0'.repeat(27)}.' + 's'.repeat(43) + '"'));
        await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
        const answer = await fetch('http://127.0.0.1:' + server.address().port);
        if (process.env.SAYS) console.log(await answer.text());
        server.close();
      });`;
    await symlink(join(project, 'node_modules'), join(dir, 'node_modules'));
    await Promise.all([writeFile(join(dir, 'vitest.config.mjs'), config), writeFile(join(dir, 'a.test.ts'), leak)]);
    const vitest = [join(project, 'node_modules/vitest/vitest.mjs'), 'run', '--config', join(dir, 'vitest.config.mjs')];
    const runWith = (SAYS: string) =>
      run(process.execPath, vitest, { cwd: dir, env: { ...process.env, SAYS, NO_COLOR: '1' } }).then(
        ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
        ({ code, stdout, stderr }) => ({ code, said: stdout + stderr }),
      );

    const [silent, saying] = await Promise.all([runWith(''), runWith('1')]);

    expect(silent, silent.said).toMatchObject({ code: 0, said: expect.stringMatching(/Tests +1 passed/) });
    expect(saying).toMatchObject({ code: 1, said: expect.stringMatching(/Tests +1 passed/) });
    expect(saying.said).toContain(found('a client cookie in 1 line of output/console/a.test.ts.log').message);
    expect(saying.said).not.toContain(secret('s'));
  });
});
