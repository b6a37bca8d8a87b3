// Records what a process of a test run issues and prints, wherever in the process that happens, so that no test can forget to.
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
 * Records the secrets in every answer of an HTTP server of this process: the local API, the proxies in front of it, the examples,
 * KMS. It also records the credential of each successful request, because that credential was issued to somebody.
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

/** `npm start` shows the secret key of the local run; `npm run secret-key -- create` shows the key that it creates, once. */
function showsSecretKey(words: readonly string[]): boolean {
  if (words.some((word) => /\blocal\/start\.(?:mjs|ts)$/.test(word))) return true;
  return words.some((word) => /\bsecret-key(?:\.ts)?$/.test(word)) && words.includes('create');
}

/** Records the output of the processes that this one starts, by the name of their program. */
export function recordChildren(): void {
  subscribe('child_process', (message) => {
    const { process: child } = message as { readonly process: ChildProcess };
    child.once('spawn', () => {
      const [program = '', ...words] = child.spawnargs;
      // It hands its bundles to this process by stdout, and a bundle holds long runs of base64url by which secrets would be found.
      if (basename(program) === 'esbuild') return;
      const script = words.find((word) => /\.(?:ts|mjs|js|py)$/.test(word));
      for (const stream of ['stdout', 'stderr'] as const) {
        const showsKey = stream === 'stdout' && showsSecretKey(words);
        const file = outputFile(
          tmpdir(),
          `${basename(script ?? program)}.${stream}`,
          showsKey ? 'secret key' : undefined,
        );
        child[stream]?.on('data', (chunk: string | Buffer) => keepOutput(file, chunk));
      }
    });
  });
}

/** Records the output of this process. */
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
