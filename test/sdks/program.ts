// Runs the program of a language, which calls the running stack through Clerk's SDK for that language.
import { execFile, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodeJwt, decodeProtectedHeader, type JWTHeaderParameters, SignJWT } from 'jose';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { aSignedInBrowser } from '../clients/backend/clerk.ts';
import { sessionTokenForge } from '../examples/session-tokens.ts';

export const run = promisify(execFile);

/** The rules that every SDK is tested for. Each program reports these by their names. */
const rules = {
  create: 'creates an actor token, with its ticket and its link',
  revoke: 'revokes an actor token',
  'revoke twice': 'gets the error class that Clerk documents when an actor token is revoked twice',
  'unknown user': 'gets an error with status and code for an unknown user',
  'faulty parameter': 'gets an error with status and code for a faulty parameter',
  'wrong secret key': 'gets an error with status and code for a wrong secret key',
  users: 'creates, reads, finds, counts, bans, unbans and deletes a user',
  sessions: 'reads, lists and revokes a session, and creates a session token for a server',
  jwks: 'verifies a session token by the JWKS of the Backend API',
  pem: 'verifies a session token by the PEM of `npm run signing-keys -- pem`',
  request: 'authenticates a request with a session token, and knows the actor',
  refused: 'refuses an expired session token, one of another page and one of another key',
  trap: 'has the trap that docs/clients.md describes',
  verifier: 'accepts a session token in a plain verifier, which refuses what the SDK refuses',
} as const;

/** The settings that a program reads as JSON from its standard input. */
interface Input {
  readonly apiUrl: string;
  readonly issuer: string;
  readonly secretKey: string;
  readonly sessionKey: string;
  /** The origin of the page that signed in. */
  readonly origin: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly sessionToken: string;
  readonly refused: { readonly expired: string; readonly ofAnotherPage: string; readonly ofAnotherKey: string };
}

/** A file of this folder. */
export function fileHere(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** The folder of what a language installs and compiles, which stays for the next run. */
export function buildFolder(language: string): string {
  return fileURLToPath(new URL(`../../.local/sdks/${language}`, import.meta.url));
}

/** Returns whether all these commands run. */
export async function isInstalled(
  ...commands: readonly (readonly [program: string, ...args: string[]])[]
): Promise<boolean> {
  const runs = commands.map(([program, ...args]) => run(program, args));
  return Promise.all(runs).then(
    () => true,
    () => false,
  );
}

/** Returns a token with the claims of a genuine one, signed by somebody else under the same key id. */
async function signedByAnother(genuine: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const header = decodeProtectedHeader(genuine) as JWTHeaderParameters;
  return new SignJWT(decodeJwt(genuine)).setProtectedHeader(header).sign(privateKey);
}

/** Returns what `npm run signing-keys -- pem` prints. */
async function printedPem(dir: string): Promise<string> {
  const command = fileURLToPath(new URL('../../cdk/commands/signing-keys.ts', import.meta.url));
  return (await run(process.execPath, [command, 'pem', '--local', '--dir', dir])).stdout;
}

async function prepareInput(): Promise<Input> {
  const { baseUrl, frontendApiUrl, secretKey, allowedOrigin, dir, environment } = inject('stack');
  const forge = await sessionTokenForge(dir, { functionEnvironment: environment });
  const sessionKey = await printedPem(dir);
  const actor = { sub: 'support_7', reason: 'SUP-1' };
  const { userId, sessionId, sessionToken } = await aSignedInBrowser({ actor });
  const { iat = 0 } = decodeJwt(sessionToken);
  return {
    apiUrl: baseUrl,
    issuer: frontendApiUrl,
    secretKey,
    sessionKey,
    origin: allowedOrigin,
    userId,
    sessionId,
    sessionToken,
    refused: {
      expired: await forge.sign(sessionToken, { iat: iat - 600, nbf: iat - 610, exp: iat - 540 }),
      ofAnotherPage: await forge.sign(sessionToken, { azp: 'https://other.example' }),
      ofAnotherKey: await signedByAnother(sessionToken),
    },
  };
}

/** A line that a program prints: what it tested, and what went wrong. */
interface Report {
  readonly rule: string;
  readonly error: string | null;
}

/** Executes a program, and returns the faults that it found by the names of the rules. */
async function execute(
  [file, ...args]: readonly [string, ...string[]],
  input: Input,
): Promise<ReadonlyMap<string, string | null>> {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(JSON.stringify(input));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  if (lines.length === 0) throw new Error(`The program reported nothing: ${stderr}`);
  const reports = lines.map((line): Report => JSON.parse(line));
  return new Map(reports.map(({ rule, error }) => [rule, error]));
}

interface Sdk {
  readonly language: string;
  /** The SDK's name and version. */
  readonly sdk: string;
  readonly installed: boolean;
  /** Installs and compiles, and returns the command line of the program. */
  readonly build: () => Promise<readonly [string, ...string[]]>;
}

/** Defines the tests of a language. Without its tools they are skipped, and the run says so. */
export function describeSdk({ language, sdk, installed, build }: Sdk): void {
  if (!installed) console.log(`skipped: no ${language}`);
  describe.skipIf(!installed)(
    installed ? `${language}: ${sdk}` : `${language}: ${sdk} (skipped: no ${language})`,
    () => {
      let reports: ReadonlyMap<string, string | null>;

      beforeAll(async () => {
        const commandLine = await build();
        // A session token is valid for a minute, so nothing is built after it was created.
        reports = await execute(commandLine, await prepareInput());
      });

      test.each(Object.entries(rules))('%s: it %s', (rule) => {
        expect(reports.has(rule), `The program did not report "${rule}".`).toBe(true);
        expect(reports.get(rule)).toBeNull();
      });

      test('it reports nothing else', () => {
        expect([...reports.keys()].filter((rule) => !Object.hasOwn(rules, rule))).toEqual([]);
      });
    },
  );
}
