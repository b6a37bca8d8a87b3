// The error codes that the operations answered during a test run. A code that a route lists and that no test has seen either is no
// code of the operation, or it belongs to a rule without a test: the run fails.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codesOf } from '../../cdk/openapi/responses.ts';
import { routes } from '../../functions/routes.ts';
import type { ErrorItem } from '../../shared/base/errors.ts';

function fileIn(dir: string): string {
  return join(dir, 'seen-codes');
}

function lineOf(operation: string, code: string): string {
  return `${operation} ${code}`;
}

/** Records the codes of an answer of an operation. */
export function recordErrors(operation: string, errors: readonly ErrorItem[]): void {
  const lines = errors.map(({ code }) => `${lineOf(operation, code)}\n`);
  if (lines.length > 0) appendFileSync(fileIn(tmpdir()), lines.join(''));
}

/** Throws with every listed code that no answer of the run had. */
export function checkSeenCodes(dir: string): void {
  const file = fileIn(dir);
  const seen = new Set(existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []);
  const listed = routes.flatMap((route) => codesOf(route).map((code) => lineOf(route.operation, code)));
  const unseen = listed.filter((line) => !seen.has(line));
  if (unseen.length > 0) throw new Error(`No test has seen these listed error codes: ${unseen.join(', ')}.`);
}
