import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, test } from 'vitest';

const hour = 3_600_000;
const now = 1_700_000_000_000;

const shiftDate = new URL('../../../local/aws/lambda/shifted-date.js', import.meta.url).href;
/** Evaluates expressions in a thread whose real time stands still, and whose `Date` is shifted. */
const evaluator = `
  const { parentPort, workerData } = require('node:worker_threads');
  Date.now = () => ${now};
  import('${shiftDate}').then(({ shiftDate }) => {
    shiftDate(() => workerData);
    parentPort.on('message', (expression) => parentPort.postMessage(eval(expression)));
  });`;

let worker: Worker;

beforeAll(() => {
  worker = new Worker(evaluator, { eval: true, execArgv: [], workerData: hour });
});

afterAll(() => worker.terminate());

function shifted(expression: string): Promise<unknown> {
  worker.postMessage(expression);
  return new Promise((resolve) => worker.once('message', resolve));
}

test.each([
  ['Date.now()', now + hour],
  ['new Date().getTime()', now + hour],
  ['Date.parse(Date())', now + hour],
  ['new Date(5).getTime()', 5],
  ['new Date(2020, 0, 1).getFullYear()', 2020],
  ["new Date('2020-01-01T00:00:00Z').toISOString()", '2020-01-01T00:00:00.000Z'],
  ['Date.UTC(1970, 0, 1)', 0],
  ['new Date() instanceof Date && new Date().constructor === Date', true],
  ['new (class Later extends Date {})().getTime()', now + hour],
  ['new (class Later extends Date { late() { return true; } })().late()', true],
  ['[typeof Date, Date.name, Date.length]', ['function', 'Date', 7]],
])('%s is as the real Date an hour later', async (expression, expected) => {
  expect(await shifted(expression)).toEqual(expected);
});
