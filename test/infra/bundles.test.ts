import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildBundles } from '../../cdk/bundle/build.ts';
import { type BundleName, bundlesDirectory, HEALTH_CHECK, lambdaNames, SEALER } from '../../cdk/bundle/bundle.ts';
import { compressedOpenapiDocument } from '../../functions/defined-when-built.ts';
import { openapiDocument } from '../../functions/fallback/get-openapi.ts';
import { listenLocally } from '../../local/aws/server.ts';
import { withDomainName } from './configured.ts';
import { environmentOf, synthesized } from './synthesized.ts';

const LIMIT_IN_BYTES = 280_000;
const LIMIT_WITHOUT_SDK_IN_BYTES = 75_000;
/** The modules of Node that a start loads, besides those of the runtime client of Lambda. */
const LIMIT_OF_MODULES = 46;
const LIMIT_OF_MODULES_WITHOUT_SDK = 28;
const LIMIT_OF_MODULES_OF_SEALER = 50;
/** No request waits for the sealer, which has the clients of S3 and EventBridge too. */
const LIMIT_OF_SEALER_IN_BYTES = 400_000;

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bundles-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

const { codeOf, sourceBytes } = await buildBundles();

interface Loaded {
  readonly handler: string;
  readonly isPolluted: boolean;
  readonly builtins: readonly string[];
}

/** Copies parsed JSON as a careless library does. */
const MERGE_JSON = `
  function merge(target, source) {
    for (const name in source)
      if (source[name] instanceof Object || name === '__proto__') merge(target[name] ??= {}, source[name]);
      else target[name] = source[name];
  }
  merge({}, JSON.parse('{"__proto__": {"isPolluted": true}}'));`;

/** Runs code in a thread, as the local run does, with the environment that the stack gives its functions. */
async function run(code: string, variables: Readonly<Record<string, string>> = {}): Promise<unknown> {
  const env = { ...environmentOf(synthesized(withDomainName), 'tickets'), AWS_REGION: 'eu-west-1', ...variables };
  const worker = new Worker(code, { eval: true, env });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

/** Loads a bundle, and merges hostile JSON. */
async function load(lambda: BundleName): Promise<Loaded> {
  const file = join(directory, `${lambda}.cjs`);
  writeFileSync(file, codeOf(lambda));
  return run(`
    // The first format of a time takes as long as a quarter of a start.
    Intl.DateTimeFormat = class { constructor() { throw new Error('A start formats no time.'); } };
    const { handler } = require(${JSON.stringify(file)});
    ${MERGE_JSON}
    require('node:worker_threads').parentPort.postMessage({
      handler: typeof handler,
      isPolluted: 'isPolluted' in {},
      builtins: process.moduleLoadList.map((name) => name.replace('NativeModule ', '')),
    });`) as Promise<Loaded>;
}

/** Requests the public keys from a bundle, and returns the line that it logs. */
async function logOfJwksRequest(kmsEndpoint: string): Promise<unknown> {
  const file = join(directory, 'jwks.cjs');
  writeFileSync(file, codeOf('tickets'));
  const path = '/.well-known/jwks.json';
  const event = {
    version: '2.0',
    routeKey: `GET ${path}`,
    rawPath: path,
    rawQueryString: '',
    headers: {},
    requestContext: { requestId: 'x', http: { method: 'GET', path } },
  };
  const aws = { AWS_ENDPOINT_URL_KMS: kmsEndpoint, AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };
  return run(
    `const { parentPort } = require('node:worker_threads');
    process.stdout.write = (line) => parentPort.postMessage(JSON.parse(line));
    require(${JSON.stringify(file)}).handler(${JSON.stringify(event)}, {});`,
    aws,
  );
}

/** The line that a bundle logs about an event that API Gateway never sends: its body is a number. */
async function logOfUnforeseenError(lambda: BundleName): Promise<unknown> {
  const bundle = join(bundlesDirectory, lambda, 'index.js');
  const http = { method: 'POST', path: '/v1/client/sign_ups' };
  const event = { routeKey: 'POST /v1/client/sign_ups', rawPath: http.path, requestContext: { requestId: 'x', http } };
  const numeric = { ...event, headers: {}, body: 5, isBase64Encoded: true };
  return run(
    `const { parentPort } = require('node:worker_threads');
    process.stdout.write = (line) => parentPort.postMessage(JSON.parse(line));
    require(${JSON.stringify(bundle)}).handler(${JSON.stringify(numeric)}, {});`,
  );
}

test('the log has the stack of an unforeseen error in the lines of the sources', async () => {
  const logged = await logOfUnforeseenError('tickets');

  const { error, stack } = v.parse(v.object({ error: v.string(), stack: v.array(v.string()) }), logged);
  expect(error).toBe('TypeError');
  expect(stack).toContainEqual(expect.stringMatching(/^at \w+ \(shared\/http\/request\.ts:\d+:\d+\)$/));
  expect(
    stack.filter((frame) => frame.includes('index.js:')).filter((frame) => !frame.includes('node_modules')),
  ).toEqual([]);
});

/** The modules of Node that a bundle loads in a process of its own, which starts as on Lambda. */
function modulesOf(lambda: BundleName): readonly string[] {
  const env = { ...environmentOf(synthesized(withDomainName), 'tickets'), AWS_REGION: 'eu-west-1' };
  const file = join(bundlesDirectory, lambda, 'index.js');
  const { stdout } = spawnSync(process.execPath, ['bench/start.mjs', file], { env, encoding: 'utf8' });
  return v.parse(v.object({ builtins: v.array(v.string()) }), JSON.parse(stdout)).builtins;
}

function limitOfModules(lambda: BundleName): number {
  if (lambda === SEALER) return LIMIT_OF_MODULES_OF_SEALER;
  return lambda === HEALTH_CHECK || lambda === 'fallback' ? LIMIT_OF_MODULES_WITHOUT_SDK : LIMIT_OF_MODULES;
}

test('only the Lambda without permissions has no SDK', () => {
  const without = lambdaNames.filter((lambda) => !codeOf(lambda).includes('AWS4-HMAC-SHA256'));

  expect(without).toEqual(['fallback']);
  expect(Buffer.byteLength(codeOf('fallback'))).toBeLessThanOrEqual(LIMIT_WITHOUT_SDK_IN_BYTES);
});

test('no bundle contains the schemas of answers, with which nothing is parsed', () => {
  const sentence = 'Milliseconds since 1970.';

  expect(openapiDocument()).toContain(sentence);
  expect(lambdaNames.filter((lambda) => codeOf(lambda).includes(sentence))).toEqual([]);
});

test('the OpenAPI document is in its bundle as finished, compressed text, without the code that generates it', () => {
  const partOf = (part: string) => lambdaNames.filter((lambda) => codeOf(lambda).includes(part));

  expect(partOf(compressedOpenapiDocument)).toEqual(['fallback']);
  // A sentence of the schemas from which it is generated.
  expect(partOf('must be an integer from')).toContain('users');
  expect(partOf('must be an integer from')).not.toContain('fallback');
});

describe.each<BundleName>([...lambdaNames, SEALER, HEALTH_CHECK])('the bundle of %s', (lambda) => {
  test('is small enough to start quickly', () => {
    const limit = lambda === SEALER ? LIMIT_OF_SEALER_IN_BYTES : LIMIT_IN_BYTES;
    expect(Buffer.byteLength(codeOf(lambda))).toBeLessThanOrEqual(limit);
  });

  test('is strict code, like its sources', () => {
    expect(codeOf(lambda).slice(0, 13)).toBe('"use strict";');
  });

  test('requires nothing but Node', () => {
    const required = [...codeOf(lambda).matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name = '']) => name);

    // The client of S3 tries to load this one for a multi-Region access point, and only then.
    const unused = lambda === SEALER ? ['@aws-sdk/signature-v4-crt'] : [];
    const others = required.filter((name) => !builtinModules.includes(name.replace('node:', '')));
    expect(others.filter((name) => !unused.includes(name))).toEqual([]);
  });

  test('loads no module of Node at its start that few requests need', () => {
    const modules = modulesOf(lambda);

    expect(modules.length).toBeLessThanOrEqual(limitOfModules(lambda));
    // The client of S3, which only the sealer has, loads zlib.
    const rarelyNeeded = lambda === SEALER ? /undici|http2|perf_hooks/ : /undici|http2|zlib|perf_hooks/;
    expect(modules.filter((name) => rarelyNeeded.test(name))).toEqual([]);
  });

  test('reads credentials from the environment only', () => {
    const sources = ['sso_start_url', 'web_identity_token_file', 'credential_process', 'AWS_CONTAINER_CREDENTIALS'];

    expect(sources.filter((source) => codeOf(lambda).includes(source))).toEqual([]);
  });

  test('starts with the environment of the stack, loads neither undici nor HTTP/2, and cannot be polluted by JSON', async () => {
    const { handler, isPolluted, builtins } = await load(lambda);

    expect(handler).toBe('function');
    expect(isPolluted).toBe(false);
    expect(builtins.filter((name) => /undici|http2/.test(name))).toEqual([]);
  });
});

test('without a bundle, JSON with a member __proto__ does pollute the prototype of every object', async () => {
  const isPolluted = await run(
    `${MERGE_JSON} require('node:worker_threads').parentPort.postMessage('isPolluted' in {});`,
  );

  expect(isPolluted).toBe(true);
});

describe('the unused parts of the SDK', () => {
  const standIns = globSync('cdk/bundle/stand-ins/*.ts').map((path) => path.replaceAll('\\', '/'));

  test('have stand-ins', () => {
    expect(standIns).not.toHaveLength(0);
  });

  test.each(standIns)('are replaced by %s, which fails when the SDK no longer imports what it replaces', (path) => {
    expect(sourceBytes.has(path)).toBe(true);
  });

  test.each([
    ['the package.json of each client', /@aws-sdk\/client-[^/]+\/package\.json$/],
    ['the SHA-256 in JavaScript', /\/Sha256Js\.js$/],
  ])('are cut from %s', (_what, pattern) => {
    const matches = [...sourceBytes].filter(([path]) => pattern.test(path));

    expect(matches).not.toHaveLength(0);
    for (const [path, bytes] of matches) expect(bytes, path).toBeLessThan(200);
  });

  test('are cut from the errors of KMS, of which the log still has the names', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ __type: 'DisabledException', message: 'disabled' }));
    });
    const kms = await listenLocally(server, 0);
    const logged = await logOfJwksRequest(kms.endpoint);
    await kms.stop();

    expect(lambdaNames.filter((lambda) => codeOf(lambda).includes('XksProxy'))).toEqual([]);
    expect(logged).toMatchObject({
      code: 'service_unavailable',
      causes: expect.arrayContaining(['DisabledException']),
    });
  });

  test.each([
    '@aws-sdk/credential-provider-node',
    '@aws-sdk/endpoint-cache',
    '@aws/lambda-invoke-store',
    '@smithy/core/dist-es/submodules/event-streams',
  ])('are absent: %s', (path) => {
    expect([...sourceBytes.keys()].filter((each) => each.includes(`/${path}/`))).toEqual([]);
  });
});
