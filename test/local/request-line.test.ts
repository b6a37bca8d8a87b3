import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { requestLine } from '../../local/request-line.ts';

const answered = { method: 'GET', path: '/v1/client', headers: {}, status: 200, milliseconds: 12 };

test('a request is one line with its time, method, path, status and duration', () => {
  const line = stripVTControlCharacters(requestLine(answered) ?? '');

  expect(line).toMatch(/^\d\d:\d\d:\d\d GET \/v1\/client 200 12 ms$/);
});

test.each([
  ['health checks', { path: '/v1/health' }],
  ['the playground', { path: '/' }],
  ['the playground’s app', { path: '/sign-in' }],
  ['the playground’s files and events', { path: '/__local/playground/events.json' }],
  ['what the playground repeats', { headers: { 'x-playground-repeated': '1' } }],
])('%s have no line', (_case, changed) => {
  expect(requestLine({ ...answered, ...changed })).toBeUndefined();
});
