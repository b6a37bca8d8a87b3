// What every program does with the client that a generator made of the API document, and what it prints as JSON.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';

/** The folder in which a generator works, which stays for the next run. */
export function buildFolder(name: string): string {
  return fileURLToPath(new URL(`../../.local/spec/${name}`, import.meta.url));
}

/** A file of this folder. */
export function fileHere(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Writes the document that the running stack answers, and returns the path of the file. */
export async function writeDocument(folder: string): Promise<string> {
  const answer = await fetch(`${inject('stack').baseUrl}/v1/openapi.json`);
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'openapi.json');
  await writeFile(path, await answer.text());
  return path;
}

/** Copies a folder of programs beside the packages that they need. */
export async function copyPrograms(name: string): Promise<string> {
  const folder = buildFolder(name);
  await cp(fileHere(name), folder, { recursive: true });
  return folder;
}

/** Removes what a generator made in an earlier run. */
export async function emptied(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  return folder;
}

/** The outcome that every program must report. The second revocation is refused with a status and a code. */
export function expectedOf(externalId: string) {
  return {
    user: externalId,
    created: 'pending',
    revoked: 'revoked',
    refused: [400, 'actor_token_cannot_be_revoked_code'],
  };
}

/** Runs a program, which gets its settings as JSON on standard input, and returns what it prints, with the external id to use. */
export async function execute(file: string, args: readonly string[]) {
  const { baseUrl: apiUrl, secretKey } = inject('stack');
  const externalId = randomUUID();
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(JSON.stringify({ apiUrl, secretKey, externalId }));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (!stdout) throw new Error(`The program reported nothing: ${stderr}`);
  return { externalId, reported: JSON.parse(stdout) };
}
