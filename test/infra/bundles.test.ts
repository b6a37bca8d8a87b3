import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleFiles, lambdaNames } from '../../cdk/bundle/bundle.ts';
import type { LambdaName } from '../../functions/routes.ts';

const LIMIT_IN_BYTES = 260_000;

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bundles-'));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function codeOf(lambda: LambdaName): string {
  return bundleFiles(lambda).find(({ path }) => path.endsWith('index.js'))?.text ?? '';
}

interface Loaded {
  readonly handler: string;
  readonly hasProto: boolean;
  readonly builtins: readonly string[];
}

/** Loads a bundle as the local run does: in a thread, with the environment of a function. */
async function load(lambda: LambdaName): Promise<Loaded> {
  const file = join(directory, `${lambda}.cjs`);
  writeFileSync(file, codeOf(lambda));
  const probe = `
    const { handler } = require(${JSON.stringify(file)});
    require('node:worker_threads').parentPort.postMessage({
      handler: typeof handler,
      hasProto: '__proto__' in {},
      builtins: process.moduleLoadList.map((name) => name.replace('NativeModule ', '')),
    });`;
  const env = {
    NODE_OPTIONS: '--enable-source-maps',
    AWS_REGION: 'eu-west-1',
    INSTANCE_ID: 'ins_0123456789abcdefghijABCDEFG',
    GENERATION: '1',
    FRONTEND_API_URL: 'https://api.example.com',
    AUDIT_RETENTION_DAYS: '400',
    MAX_TICKET_LIFE_IN_SECONDS: '2592000',
    MAX_SESSION_DURATION_IN_SECONDS: '86400',
    TICKET_KEY_IDS: 'ticket',
    SESSION_KEY_IDS: 'session',
    ACTOR_TOKENS_TABLE: 'ActorTokens',
    SESSIONS_TABLE: 'Sessions',
    CLIENTS_TABLE: 'Clients',
    USERS_TABLE: 'Users',
    SECRET_KEYS_TABLE: 'SecretKeys',
  };
  const worker = new Worker(probe, { eval: true, env });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

test('only the Lambda that may do nothing in AWS carries no SDK', () => {
  const without = lambdaNames.filter((lambda) => !codeOf(lambda).includes('AWS4-HMAC-SHA256'));

  expect(without).toEqual(['fallback']);
  expect(Buffer.byteLength(codeOf('fallback'))).toBeLessThan(140_000);
});

test("the API's description is in its bundle as finished text, and nothing of how it is made", () => {
  const partOf = (part: string) => lambdaNames.filter((lambda) => codeOf(lambda).includes(part));

  expect(partOf('"openapi":"3.1.1"')).toEqual(['fallback']);
  // A sentence of the schemas that it is made of.
  expect(partOf('must be an integer from')).toContain('users');
  expect(partOf('must be an integer from')).not.toContain('fallback');
});

describe.each(lambdaNames)('the bundle of %s', (lambda) => {
  test('is small enough to start quickly', () => {
    expect(Buffer.byteLength(codeOf(lambda))).toBeLessThanOrEqual(LIMIT_IN_BYTES);
  });

  test('is strict code, as its sources are', () => {
    expect(codeOf(lambda).slice(0, 13)).toBe('"use strict";');
  });

  test('needs nothing but Node', () => {
    const required = [...codeOf(lambda).matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name = '']) => name);

    expect(required.filter((name) => !builtinModules.includes(name.replace('node:', '')))).toEqual([]);
  });

  test('knows no source of credentials but the environment', () => {
    const sources = ['sso_start_url', 'web_identity_token_file', 'credential_process', 'AWS_CONTAINER_CREDENTIALS'];

    expect(sources.filter((source) => codeOf(lambda).includes(source))).toEqual([]);
  });

  test('loads in a thread, and neither undici nor HTTP/2 with it', async () => {
    const loaded = await load(lambda);

    expect(loaded.handler).toBe('function');
    expect(loaded.hasProto).toBe(false);
    expect(loaded.builtins.filter((name) => /undici|http2/.test(name))).toEqual([]);
  });
});
