import { styleText } from 'node:util';
import type { AnsweredRequest } from './aws/http-api/http-api.ts';
import { isPage } from './playground/pages.ts';

/** The header with which the playground's page marks a request that it repeats on its own. */
const REPEATED = 'x-playground-repeated';

function isQuiet({ path, headers }: AnsweredRequest): boolean {
  return path === '/v1/health' || path.startsWith('/__local/') || isPage(path) || headers[REPEATED] !== undefined;
}

function colourOf(status: number): 'green' | 'yellow' | 'red' {
  if (status < 400) return 'green';
  return status < 500 ? 'yellow' : 'red';
}

/**
 * Returns the line that the terminal shows for a request, in colours on a terminal that has them; undefined for requests that nobody
 * made: health checks, the playground's files, and what its page repeats on its own.
 */
export function requestLine(answered: AnsweredRequest): string | undefined {
  if (isQuiet(answered)) return undefined;
  const { method, path, status, milliseconds } = answered;
  const time = new Date().toLocaleTimeString('en-GB');
  return `${styleText('dim', time)} ${method} ${path} ${styleText(colourOf(status), String(status))} ${styleText('dim', `${milliseconds} ms`)}`;
}
