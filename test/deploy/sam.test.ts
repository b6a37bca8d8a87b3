// `sam local start-api` on our template and the local engines: all of SAM but Docker, which runs the functions.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClerkClient } from '@clerk/backend';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { httpRoutes } from '../../functions/routes.ts';
import { openClock } from '../../local/aws/clock.ts';
import { LambdaFunction } from '../../local/aws/lambda/function.ts';
import { listenLocally, readAll } from '../../local/aws/server.ts';
import { directoryAt } from '../../local/directory.ts';
import { type Engines, startEngines } from '../../local/engines.ts';
import { browserPost, redeem } from './browser.ts';
import { fileHere, pythonWith } from './python.ts';

/** What SAM would give a container. */
interface Container {
  readonly function: string;
  readonly runtime: string;
  readonly architecture: string;
  readonly handler: string;
  readonly directory: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly environment: Readonly<Record<string, string>>;
}

interface Found {
  readonly functions: readonly Container[];
  readonly routes: readonly { readonly path: string; readonly methods: readonly string[]; readonly function: string }[];
}

const resources = new AsyncDisposableStack();
const actor = { sub: 'user_support' };
let engines: Engines;
let found: Found;
let baseUrl: string;

beforeAll(async () => {
  const python = await pythonWith('sam-requirements.txt', 'sam-cli');
  const directory = await mkdtemp(join(tmpdir(), 'sam-'));
  engines = await startEngines({
    host: '127.0.0.1',
    // Not those of the template, which something else may use just now.
    ports: { dynamodb: 0, kms: 0 },
    dir: directory,
    signal: new AbortController().signal,
    onCrash: () => undefined,
  });
  resources.defer(engines.stop);
  const containers = await startContainers(directory);
  baseUrl = await startSam(python, containers);
});

afterAll(() => resources.disposeAsync());

/** Answers what SAM would ask of a container: the bundle that SAM found, with the environment that SAM resolved. */
async function startContainers(directory: string): Promise<string> {
  const clock = await openClock(join(directory, 'sam-clock.json'));
  const running = new Map<string, LambdaFunction>();

  function functionOf(container: Container): LambdaFunction {
    const { function: name, environment } = container;
    const endpoints = {
      AWS_ENDPOINT_URL_DYNAMODB: engines.endpoints.dynamodb,
      AWS_ENDPOINT_URL_KMS: engines.endpoints.kms,
    };
    const started =
      running.get(name) ??
      new LambdaFunction({
        definition: { ...container, name },
        // Only where the engines are is another thing here than in a container.
        environment: { ...environment, ...endpoints },
        clock: clock.shared,
        concurrency: 2,
        log: (text) => appendFileSync(directoryAt(directory).logFile, text, { mode: 0o600 }),
        onStartFailure: (_name, reason) => console.error(reason),
      });
    running.set(name, started);
    return started;
  }

  const server = createServer((request, response) => {
    readAll(request)
      .then(async (body) => {
        const { event, ...container }: Container & { readonly event: unknown } = JSON.parse(body.toString());
        response.end(JSON.stringify(await functionOf(container).invoke(event)));
      })
      .catch(() => response.destroy());
  });
  const { endpoint, stop } = await listenLocally(server, 0);
  resources.defer(stop);
  resources.defer(async () => {
    for (const started of running.values()) await started.stop();
  });
  return endpoint;
}

async function freePort(): Promise<number> {
  const { port, stop } = await listenLocally(createServer(), 0);
  await stop();
  return port;
}

/** Resolves once SAM's service answers. */
async function startSam(python: string, containers: string): Promise<string> {
  const port = await freePort();
  const sam = spawn(python, [fileHere('sam_api.py'), engines.template, String(port), containers], {
    // Nothing of this machine's AWS settings, and no word home.
    env: { PATH: process.env.PATH, HOME: tmpdir(), AWS_CONFIG_FILE: '/dev/null', SAM_CLI_TELEMETRY: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: Buffer[] = [];
  sam.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  const exited = once(sam, 'exit');
  resources.defer(async () => {
    sam.kill('SIGTERM');
    await exited;
  });
  const first = await Promise.race([createInterface({ input: sam.stdout })[Symbol.asyncIterator]().next(), exited]);
  if (!('value' in first)) throw new Error(`SAM does not start:\n${Buffer.concat(said)}`);
  found = JSON.parse(first.value ?? '');
  const endpoint = `http://127.0.0.1:${port}`;
  await vi.waitFor(() => fetch(endpoint), { timeout: 60_000, interval: 200 });
  return endpoint;
}

function clerk() {
  return createClerkClient({ apiUrl: baseUrl, secretKey: engines.secretKey, telemetry: { disabled: true } });
}

test('SAM finds every function with its bundle, for a runtime that it knows', async () => {
  const template = JSON.parse(await readFile(engines.template, 'utf8'));
  const ids = Object.keys(template.Resources).filter((id) => template.Resources[id].Type === 'AWS::Lambda::Function');

  expect(found.functions.map(({ function: id }) => id).sort()).toEqual(ids.sort());
  for (const { runtime, architecture, directory } of found.functions) {
    expect([runtime, architecture]).toEqual(['nodejs24.x', 'x86_64']);
    expect(existsSync(join(directory, 'index.js'))).toBe(true);
  }
});

test('SAM finds every route', () => {
  const theirs = found.routes.flatMap(({ path, methods }) => methods.map((method) => `${method} ${path}`));

  expect(theirs).toEqual(expect.arrayContaining(httpRoutes().map(({ method, path }) => `${method} ${path}`)));
});

test('what SAM gives the functions has no name in it that exists in AWS alone', () => {
  for (const { environment } of found.functions)
    for (const [name, value] of Object.entries(environment)) expect(`${name}=${value}`).not.toMatch(/arn:|\$\{/);
});

test('through SAM a ticket signs in once, and the session token verifies by the served keys', async () => {
  const [userId = ''] = engines.userIds;
  const { token } = await clerk().actorTokens.create({ userId, actor });

  const first = await redeem(baseUrl, token);
  const second = await redeem(baseUrl, token);

  expect([first.status, second.status]).toEqual([200, 400]);
  const sessionId: string = first.json.response.created_session_id;
  const { json } = await browserPost(`${baseUrl}/v1/client/sessions/${sessionId}/tokens`, {}, first.cookie);
  const keys = createRemoteJWKSet(new URL(`${baseUrl}/.well-known/jwks.json`));
  const { payload } = await jwtVerify(json.jwt, keys, { algorithms: ['RS256'] });
  expect(payload).toMatchObject({ sub: userId, sid: sessionId, act: actor });
});

test('through SAM a revoked token signs nobody in', async () => {
  const [userId = ''] = engines.userIds;
  const { id, token } = await clerk().actorTokens.create({ userId, actor });
  await clerk().actorTokens.revoke(id);

  const { status, json } = await redeem(baseUrl, token);

  expect([status, json.errors[0].code]).toEqual([400, 'actor_token_revoked_code']);
});

test('through SAM what anyone may GET has HEAD too, and the routes of its template lead to the operations', async () => {
  const answers = await Promise.all(
    ['/v1/health', '/.well-known/jwks.json'].map((path) => fetch(`${baseUrl}${path}`, { method: 'HEAD' })),
  );
  const user = await clerk().users.getUser(engines.userIds[0] ?? '');

  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(user.id).toBe(engines.userIds[0]);
});

test('through SAM an unknown path and a preflight are answered by the functions, as behind API Gateway', async () => {
  const unknown = await fetch(`${baseUrl}/nothing`);
  const preflight = await fetch(`${baseUrl}/v1/client`, {
    method: 'OPTIONS',
    headers: { origin: 'http://127.0.0.1:5173', 'access-control-request-method': 'POST' },
  });

  expect([unknown.status, await unknown.json()]).toEqual([
    404,
    expect.objectContaining({ errors: [expect.objectContaining({ code: 'resource_not_found' })] }),
  ]);
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get('access-control-allow-origin')).toBe('http://127.0.0.1:5173');
});
