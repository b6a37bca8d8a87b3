// Keeps what a process of a test run hands out and prints, wherever in it that happens: no test can forget to.
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { basename } from 'node:path';
import { keepOutput, outputFile, rememberSecrets } from './secrets.ts';

function textOf(part: unknown): string {
  if (part instanceof Uint8Array) return Buffer.from(part).toString();
  return typeof part === 'string' ? part : (JSON.stringify(part) ?? '');
}

/**
 * Remembers the secrets in every answer that leaves an HTTP server of this process: the local API, what stands before it, the
 * examples, KMS. And the credential of each request that is answered well, which somebody must have been handed.
 */
export function recordAnswers(): void {
  const { prototype } = ServerResponse;
  for (const name of ['writeHead', 'setHeader', 'write', 'end'] as const) {
    const send: (...parts: never[]) => unknown = prototype[name];
    const recorded = function (this: ServerResponse, ...parts: never[]) {
      const credential = name === 'end' && this.statusCode < 400 ? this.req.headers.authorization : undefined;
      rememberSecrets([...parts.map(textOf), credential ?? '']);
      return send.apply(this, parts);
    };
    Object.defineProperty(prototype, name, { value: recorded, configurable: true, writable: true });
  }
}

/** `npm start` shows the secret key of the local run, `npm run secret-key -- create` the one that it makes, once. */
function showsSecretKey(words: readonly string[]): boolean {
  if (words.some((word) => /\blocal\/start\.(?:mjs|ts)$/.test(word))) return true;
  return words.some((word) => /\bsecret-key(?:\.ts)?$/.test(word)) && words.includes('create');
}

/** Keeps what the processes print that this one starts, by the name of their program. */
export function recordChildren(): void {
  subscribe('child_process', (message) => {
    const { process: child } = message as { readonly process: ChildProcess };
    child.once('spawn', () => {
      const [program = '', ...words] = child.spawnargs;
      const script = words.find((word) => /\.(?:ts|mjs|js|py)$/.test(word));
      for (const stream of ['stdout', 'stderr'] as const) {
        const showsKey = stream === 'stdout' && showsSecretKey(words);
        const file = outputFile(tmpdir(), `${basename(script ?? program)}.${stream}`, { showsSecretKey: showsKey });
        child[stream]?.on('data', (chunk: string | Buffer) => keepOutput(file, chunk));
      }
    });
  });
}

/** Keeps what this process prints itself. */
export function recordOutput(name: string): void {
  const file = outputFile(tmpdir(), name);
  for (const stream of [process.stdout, process.stderr]) {
    const print: (...parts: never[]) => boolean = stream.write;
    stream.write = (...parts: never[]) => {
      keepOutput(file, textOf(parts[0]));
      return print.apply(stream, parts);
    };
  }
}
