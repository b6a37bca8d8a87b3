// The function that requests the public URLs, in a process of its own that trusts the certificate of a server on this machine.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const HEALTHY = '{"status":"healthy"}';

let directory = '';
let server: Server;
let port = 0;
let connections = 0;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'check-health-'));
  const [keyFile, certificateFile] = [join(directory, 'key.pem'), join(directory, 'certificate.pem')];
  const subject = ['-subj', '/CN=health', '-addext', 'subjectAltName=DNS:localhost', '-days', '1'];
  const files = ['-keyout', keyFile, '-out', certificateFile];
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...files]);
  const [key, cert] = await Promise.all([readFile(keyFile), readFile(certificateFile)]);
  server = createServer({ key, cert }, ({ url = '' }, response) => {
    const [, status = '', body = ''] = decodeURIComponent(url).split('/');
    response.writeHead(Number(status)).end(url.endsWith('/v1/health') ? body : 'another path');
  });
  server.on('secureConnection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});

afterAll(async () => {
  server.close();
  await rm(directory, { recursive: true });
});

/** The URL below which the server answers everything like this. */
function answering(status: number, body: string, host = 'localhost'): string {
  return `https://${host}:${port}/${status}/${encodeURIComponent(body)}`;
}

/** Invokes the function once for each list; returns how the last invocation ended, and all lines that were logged. */
async function check(urls: readonly string[], times = 1) {
  const code = `import('./functions/check-health.ts').then(async ({ handler }) => {
    for (let n = 0; n < ${times}; n++) await handler();
  }).catch((error) => { process.exitCode = 7; process.stderr.write(error.message); })`;
  const env = {
    ...process.env,
    NODE_EXTRA_CA_CERTS: join(directory, 'certificate.pem'),
    INSTANCE_ID: 'ins_x',
    CHECKED_URLS: urls.join(','),
  };
  const ended = await run(process.execPath, ['-e', code], { env }).then(
    ({ stdout }) => ({ stdout, failure: undefined }),
    ({ stdout, stderr }) => ({ stdout: String(stdout), failure: String(stderr) }),
  );
  const lines = ended.stdout.split('\n').filter((line) => line !== '');
  return { failure: ended.failure, lines: lines.map((line) => JSON.parse(line)) };
}

test('succeeds when every URL answers that it is healthy', async () => {
  const urls = [answering(200, HEALTHY), answering(200, '{"status":"healthy","more":1}')];

  const { failure, lines } = await check(urls);

  expect(failure).toBeUndefined();
  expect(lines).toEqual(urls.map((url) => ({ level: 'info', message: 'checked', instance: 'ins_x', url })));
});

test('fails when one of the URLs does not, and says which', async () => {
  const urls = [answering(200, HEALTHY), answering(503, HEALTHY)];

  const { failure, lines } = await check(urls);

  expect(failure).toBe('The API does not answer at its URL.');
  expect(lines).toMatchObject([{ level: 'info' }, { level: 'error', url: urls[1], problem: 'status 503' }]);
});

test.each([
  ['a redirect', () => answering(302, ''), 'status 302'],
  ['an answer of another page', () => answering(200, '<html>'), 'another answer'],
  ['another status in the body', () => answering(200, '{"status":"ill"}'), 'another answer'],
  ['JSON that is no object', () => answering(200, 'null'), 'another answer'],
  [
    'a host that its certificate does not name',
    () => answering(200, HEALTHY, '127.0.0.1'),
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ],
  ['a host without a DNS record', () => 'https://nothing.invalid', /^(ENOTFOUND|EAI_AGAIN)$/],
  ['a port that nobody listens to', () => 'https://127.0.0.1:1', 'ECONNREFUSED'],
])('%s is a problem', async (_name, url, problem) => {
  const { lines } = await check([url()]);

  expect(lines).toEqual([expect.objectContaining({ level: 'error', problem: expect.stringMatching(problem) })]);
});

test('each check makes a connection of its own', async () => {
  const before = connections;

  await check([answering(200, HEALTHY)], 3);

  expect(connections - before).toBe(3);
});
