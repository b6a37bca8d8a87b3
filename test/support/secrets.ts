// The secrets that a test run issues, the output that must not contain them, and the search at the end. Secrets and output are
// stored in the run's own folder, which is the temporary directory of all its processes. No secret is ever printed.
import { appendFileSync, createReadStream, existsSync, mkdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { directoryAt } from '../../local/directory.ts';

type Kind = 'ticket' | 'session token' | 'handshake' | 'client cookie' | 'secret key' | 'signature';

interface Secret {
  readonly kind: Kind;
  /** The texts that no log may contain, without the prefix that all secrets of the kind share. */
  readonly parts: readonly string[];
}

/** A part is found by its first characters of base64url: so many that no other text in a log has them by accident. */
const TELLING = 24;

const JWT = /eyJ[\w-]+\.([\w-]+)\.([\w-]+)/g;
const CLIENT_TOKEN = /client_[0-9A-Za-z]{27}\.([\w-]{43})/g;
const SECRET_KEY = /sk_(?:live|test)_([\w-]{20,100})/g;
/** An answer of KMS: the end of a ticket or a session token, even of one that no answer of the API contained. */
const SIGNATURE = /"Signature":"([\w+/]{300,}={0,2})"/g;

/** The folder, in the run's folder, of all output, in one file for each process or test file. */
const OUTPUT = 'output';
/** The folders of the output of commands whose purpose is to show a secret of this kind. */
const SHOWS = {
  'secret key': join(OUTPUT, 'shows-a-secret-key'),
  ticket: join(OUTPUT, 'shows-a-ticket'),
} as const satisfies { readonly [Shown in Kind]?: string };
/** The name of a stack's log, in the stack's own directory. */
const FUNCTIONS_LOG = basename(directoryAt('').logFile);

function secretsFileOf(dir: string): string {
  return join(dir, 'secrets.jsonl');
}

/** Returns the file for the output of `name`. The output of a command that shows a kind of secrets may contain that kind only. */
export function outputFile(dir: string, name: string, shows?: keyof typeof SHOWS): string {
  return join(dir, shows ? SHOWS[shows] : OUTPUT, `${name}.log`);
}

/** Stores a piece of output. */
export function keepOutput(file: string, text: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  appendFileSync(file, text, { mode: 0o600 });
}

/** Stores a log line of the handlers in the tests' own processes. */
export function keepHandlersLog(text: string): void {
  keepOutput(outputFile(tmpdir(), 'handlers'), text);
}

function jwtSecrets(payload: string, signature: string): readonly Secret[] {
  const text = Buffer.from(payload, 'base64url').toString();
  const parts = [payload, signature];
  if (text.includes('"st":"actor_token"')) return [{ kind: 'ticket', parts }];
  if (!text.includes('"handshake":')) return [{ kind: 'session token', parts }];
  // A handshake contains cookies, one of which contains a session token.
  return [{ kind: 'handshake', parts }, ...secretsIn(text)];
}

/** Returns all secrets in a part of an answer. */
function secretsIn(text: string): readonly Secret[] {
  const signatures = [...text.matchAll(SIGNATURE)].map(([, base64 = '']) => Buffer.from(base64, 'base64'));
  return [
    ...signatures.map((bytes): Secret => ({ kind: 'signature', parts: [bytes.toString('base64url')] })),
    ...[...text.matchAll(JWT)].flatMap(([, payload = '', signature = '']) => jwtSecrets(payload, signature)),
    ...[...text.matchAll(CLIENT_TOKEN)].map(([, part = '']): Secret => ({ kind: 'client cookie', parts: [part] })),
    ...[...text.matchAll(SECRET_KEY)].map(([, part = '']): Secret => ({ kind: 'secret key', parts: [part] })),
  ];
}

/** Stores the secrets in the parts of an answer: its body, its cookies, its headers. */
export function rememberSecrets(answer: readonly string[], dir = tmpdir()): void {
  const lines = answer.flatMap(secretsIn).map((secret) => `${JSON.stringify(secret)}\n`);
  if (lines.length > 0) appendFileSync(secretsFileOf(dir), lines.join(''), { mode: 0o600 });
}

async function* linesOf(file: string): AsyncGenerator<string> {
  if (existsSync(file)) yield* createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
}

/** Returns the files of all output and logs, as paths in the run's folder. */
async function outputOf(dir: string): Promise<readonly string[]> {
  const paths = await readdir(dir, { recursive: true });
  return paths.filter((path) => /^output\/.*\.log$/.test(path) || basename(path) === FUNCTIONS_LOG).sort();
}

const mayHold = (path: string, kind: Kind) =>
  Object.entries(SHOWS).some(([shown, folder]) => kind === shown && dirname(path) === folder);

/** Returns the kinds of the issued secrets, by the first characters of their parts. A signature has the kind of its token. */
async function handedOutIn(dir: string, output: readonly string[]): Promise<ReadonlyMap<string, Kind>> {
  const kinds = new Map<string, Kind>();
  const remember = ({ kind, parts }: Secret) => {
    for (const part of parts.map((each) => each.slice(0, TELLING)))
      if (kind !== 'signature' || !kinds.has(part)) kinds.set(part, kind);
  };
  for await (const line of linesOf(secretsFileOf(dir))) remember(JSON.parse(line));
  // A key that is shown counts as issued.
  for (const path of output)
    if (mayHold(path, 'secret key'))
      for await (const line of linesOf(join(dir, path)))
        for (const secret of secretsIn(line)) if (mayHold(path, secret.kind)) remember(secret);
  return kinds;
}

/** Yields every text in a line with which a secret can begin: at each character of each run of base64url that is long enough. */
function* stretchesOf(line: string): Generator<string> {
  for (const [run] of line.matchAll(/[\w-]+/g))
    for (let start = 0; start + TELLING <= run.length; start += 1) yield run.slice(start, start + TELLING);
}

/**
 * Fails when the output or a log of the run contains a secret that the run issued, or an identifiable part of one.
 *
 * @throws Error with the kinds of the secrets, the number of lines with each, and the files
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
  if (found.length > 0) throw new Error(`The output of this run contains secrets that it issued: ${found.join(', ')}.`);
}
