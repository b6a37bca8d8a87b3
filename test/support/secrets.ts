// Every secret that a test run hands out, the output in which none may be, and the search at the end. Both are kept in the
// run's own folder, which is every process's temporary directory while the run lasts. No secret is ever printed.
import { appendFileSync, createReadStream, existsSync, mkdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { directoryAt } from '../../local/directory.ts';

type Kind = 'ticket' | 'session token' | 'handshake' | 'client cookie' | 'secret key' | 'signature';

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
/** An answer of KMS: what a ticket or a session token ends with, also one that never became an answer of the API. */
const SIGNATURE = /"Signature":"([\w+/]{300,}={0,2})"/g;

/** Below the run's folder: what is printed, by whom. */
const OUTPUT = 'output';
/** Below it: what commands print whose purpose is to show a secret key. */
const SHOWS_SECRET_KEY = join(OUTPUT, 'shows-a-secret-key');
/** The log of a stack, in the stack's own directory. */
const FUNCTIONS_LOG = basename(directoryAt('').logFile);

function secretsFileOf(dir: string): string {
  return join(dir, 'secrets.jsonl');
}

/** Where what is printed is kept, by who prints it; that which shows a secret key on purpose may hold one, and nothing else. */
export function outputFile(dir: string, name: string, { showsSecretKey = false } = {}): string {
  return join(dir, showsSecretKey ? SHOWS_SECRET_KEY : OUTPUT, `${name}.log`);
}

/** Keeps a piece of what is printed during the run. */
export function keepOutput(file: string, text: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  appendFileSync(file, text, { mode: 0o600 });
}

/** What the handlers in the tests' own processes write. */
export function keepHandlersLog(text: string): void {
  keepOutput(outputFile(tmpdir(), 'handlers'), text);
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
  const signatures = [...text.matchAll(SIGNATURE)].map(([, base64 = '']) => Buffer.from(base64, 'base64'));
  return [
    ...signatures.map((bytes): Secret => ({ kind: 'signature', parts: [bytes.toString('base64url')] })),
    ...[...text.matchAll(JWT)].flatMap(([, payload = '', signature = '']) => jwtSecrets(payload, signature)),
    ...[...text.matchAll(CLIENT_TOKEN)].map(([, part = '']): Secret => ({ kind: 'client cookie', parts: [part] })),
    ...[...text.matchAll(SECRET_KEY)].map(([, part = '']): Secret => ({ kind: 'secret key', parts: [part] })),
  ];
}

/** Remembers the secrets in the parts of an answer: its body, its cookies, its headers. */
export function rememberSecrets(answer: readonly string[], dir = tmpdir()): void {
  const lines = answer.flatMap(secretsIn).map((secret) => `${JSON.stringify(secret)}\n`);
  if (lines.length > 0) appendFileSync(secretsFileOf(dir), lines.join(''), { mode: 0o600 });
}

async function* linesOf(file: string): AsyncGenerator<string> {
  if (existsSync(file)) yield* createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
}

/** What the run has printed and logged, by paths below its folder. */
async function outputOf(dir: string): Promise<readonly string[]> {
  const paths = await readdir(dir, { recursive: true });
  return paths.filter((path) => /^output\/.*\.log$/.test(path) || basename(path) === FUNCTIONS_LOG).sort();
}

const mayHold = (path: string, kind: Kind) => kind === 'secret key' && dirname(path) === SHOWS_SECRET_KEY;

/** The kinds of the secrets that were handed out, by how their parts begin. A signature goes by what it was made for. */
async function handedOutIn(dir: string, output: readonly string[]): Promise<ReadonlyMap<string, Kind>> {
  const kinds = new Map<string, Kind>();
  const remember = ({ kind, parts }: Secret) => {
    for (const part of parts.map((each) => each.slice(0, TELLING)))
      if (kind !== 'signature' || !kinds.has(part)) kinds.set(part, kind);
  };
  for await (const line of linesOf(secretsFileOf(dir))) remember(JSON.parse(line));
  // To show a key is to hand it out.
  for (const path of output)
    if (mayHold(path, 'secret key'))
      for await (const line of linesOf(join(dir, path)))
        for (const secret of secretsIn(line)) if (mayHold(path, secret.kind)) remember(secret);
  return kinds;
}

/** Where in a line a secret can begin: every stretch of base64url that is long enough, at each of its characters. */
function* stretchesOf(line: string): Generator<string> {
  for (const [run] of line.matchAll(/[\w-]+/g))
    for (let start = 0; start + TELLING <= run.length; start += 1) yield run.slice(start, start + TELLING);
}

/**
 * Fails when a secret that the run handed out, or a part of one that is enough to tell it, is in what the run has printed or
 * logged.
 *
 * @throws with the kinds, in how many lines each was found, and whose output it was
 */
export async function checkOutputForSecrets(dir: string): Promise<void> {
  const output = await outputOf(dir);
  const kinds = await handedOutIn(dir, output);
  const found: string[] = [];
  for (const path of output) {
    const lines = new Map<Kind, number>();
    for await (const line of linesOf(join(dir, path))) {
      const inLine = new Set([...stretchesOf(line)].flatMap((stretch) => kinds.get(stretch) ?? []));
      for (const kind of inLine) if (!mayHold(path, kind)) lines.set(kind, (lines.get(kind) ?? 0) + 1);
    }
    for (const [kind, count] of lines) found.push(`a ${kind} in ${count} ${count === 1 ? 'line' : 'lines'} of ${path}`);
  }
  if (found.length > 0)
    throw new Error(`The output of this run holds secrets that it handed out: ${found.join(', ')}.`);
}
