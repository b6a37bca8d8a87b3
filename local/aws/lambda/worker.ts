// One execution environment: loads a function's bundle and handles one event at a time, with JSON in and JSON out.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { EnvironmentData, Invocation, WorkerMessage } from './environment.ts';
import { shiftDate } from './shifted-date.js';

const { directory, handler: handlerName, clock, context }: EnvironmentData = workerData;
const port = parentPort;
if (!port) throw new Error('This file runs as a worker.');

const offset = new BigInt64Array(clock);
// Before the bundle loads, which could otherwise keep the real Date.
shiftDate(() => Number(Atomics.load(offset, 0)));

const post = (message: WorkerMessage) => port.postMessage(message);
const text = (error: unknown) => (error instanceof Error ? (error.stack ?? error.message) : String(error));

async function loadHandler(): Promise<(event: unknown, context: object) => unknown> {
  const [file = '', name = ''] = handlerName.split('.');
  const path = ['.mjs', '.js', '.cjs'].map((extension) => join(directory, file + extension)).find(existsSync);
  if (path === undefined) throw new Error(`There is no ${file}.mjs, .js or .cjs in ${directory}.`);
  const bundle = await import(pathToFileURL(path).href);
  const handler: unknown = bundle[name] ?? bundle.default?.[name];
  if (typeof handler !== 'function') throw new Error(`${path} exports no function ${name}.`);
  return (event, invocation) => handler(event, invocation);
}

try {
  const handler = await loadHandler();
  port.on('message', async ({ event, requestId, remainingMs }: Invocation) => {
    const deadline = performance.now() + remainingMs;
    const getRemainingTimeInMillis = () => Math.max(0, Math.round(deadline - performance.now()));
    try {
      const invocation = { ...context, awsRequestId: requestId, getRemainingTimeInMillis };
      post({ kind: 'result', json: JSON.stringify((await handler(JSON.parse(event), invocation)) ?? null) });
    } catch (error) {
      post({ kind: 'error', error: text(error) });
    }
  });
  post({ kind: 'ready' });
} catch (error) {
  post({ kind: 'failed', error: text(error) });
}
