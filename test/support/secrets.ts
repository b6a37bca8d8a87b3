// Every secret that the answers of a run hand out, kept in the run's own folder while it lasts, and the search for them in
// all that the run logs. No secret is ever printed.
import { appendFileSync, createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

type Kind = 'ticket' | 'session token' | 'handshake' | 'client cookie' | 'secret key';

interface Secret {
  readonly kind: Kind;
  /** What no log may hold: without what every secret of the kind begins with. */
  readonly parts: readonly string[];
}

/** A part is found by its beginning: as many characters of base64url as nothing else in a log shares by accident. */
const TELLING = 24;

const JWT = /eyJ[\w-]+\.([\w-]+)\.([\w-]+)/g;
const CLIENT_TOKEN = /client_[0-9A-Za-z]{27}\.([\w-]{43})/g;
const SECRET_KEY = /sk_(?:live|test)_([\w-]{20,100})/g;

/** What the handlers in the tests' own processes write. */
export function handlersLogOf(dir: string): string {
  return join(dir, 'handlers.log');
}

function secretsFileOf(dir: string): string {
  return join(dir, 'secrets.jsonl');
}

function jwtSecrets(payload: string, signature: string): readonly Secret[] {
  const text = Buffer.from(payload, 'base64url').toString();
  const parts = [payload, signature];
  if (text.includes('"st":"actor_token"')) return [{ kind: 'ticket', parts }];
  if (!text.includes('"handshake":')) return [{ kind: 'session token', parts }];
  // It carries cookies, one of which carries a session token.
  return [{ kind: 'handshake', parts }, ...secretsIn(text)];
}

/** All secrets in a part of an answer. */
function secretsIn(text: string): readonly Secret[] {
  return [
    ...[...text.matchAll(JWT)].flatMap(([, payload = '', signature = '']) => jwtSecrets(payload, signature)),
    ...[...text.matchAll(CLIENT_TOKEN)].map(([, part = '']): Secret => ({ kind: 'client cookie', parts: [part] })),
    ...[...text.matchAll(SECRET_KEY)].map(([, part = '']): Secret => ({ kind: 'secret key', parts: [part] })),
  ];
}

/** Remembers the secrets in the parts of an answer: its body, its cookies, its headers. */
export function rememberSecrets(dir: string, answer: readonly string[]): void {
  const lines = answer.flatMap(secretsIn).map((secret) => `${JSON.stringify(secret)}\n`);
  if (lines.length > 0) appendFileSync(secretsFileOf(dir), lines.join(''), { mode: 0o600 });
}

async function* linesOf(file: string): AsyncGenerator<string> {
  if (existsSync(file)) yield* createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
}

/** The kinds of the remembered secrets, by how their parts begin. */
async function rememberedIn(dir: string): Promise<ReadonlyMap<string, Kind>> {
  const kinds = new Map<string, Kind>();
  for await (const line of linesOf(secretsFileOf(dir))) {
    const { kind, parts }: Secret = JSON.parse(line);
    for (const part of parts) kinds.set(part.slice(0, TELLING), kind);
  }
  return kinds;
}

/** Where in a line a secret can begin: every stretch of base64url that is long enough, at each of its characters. */
function* stretchesOf(line: string): Generator<string> {
  for (const [run] of line.matchAll(/[\w-]+/g))
    for (let start = 0; start + TELLING <= run.length; start += 1) yield run.slice(start, start + TELLING);
}

/**
 * Fails when a remembered secret, or a part of one that is enough to tell it, is in a log of the run.
 *
 * @throws with the kinds and in how many lines each was found
 */
export async function checkLogsForSecrets(dir: string, logFiles: readonly string[]): Promise<void> {
  const kinds = await rememberedIn(dir);
  const found = new Map<Kind, number>();
  for (const file of [...logFiles, handlersLogOf(dir)]) {
    for await (const line of linesOf(file)) {
      const inLine = new Set([...stretchesOf(line)].flatMap((stretch) => kinds.get(stretch) ?? []));
      for (const kind of inLine) found.set(kind, (found.get(kind) ?? 0) + 1);
    }
  }
  const counts = [...found].map(([kind, count]) => `a ${kind} in ${count} ${count === 1 ? 'line' : 'lines'}`);
  if (counts.length > 0) throw new Error(`The logs of this run hold secrets that it handed out: ${counts.join(', ')}.`);
}
