import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Local } from '../../../local/product-stack.ts';
import { echo, tinyRun } from '../tiny-run.ts';

let local: Local;
let reported: string[];

beforeAll(async () => {
  reported = [];
  local = await tinyRun({ concurrency: 2, report: (line) => reported.push(line) });
});

afterAll(() => local.stop());

const ask = (path: string) => fetch(local.instance.baseUrl + path);

test('functions see the variables of the template and no others of this machine', async () => {
  const { environment } = await echo(local, '/echo/x');

  expect(environment).toMatchObject({
    AWS_LAMBDA_FUNCTION_NAME: 'Echo',
    AWS_ACCESS_KEY_ID: 'Echo',
    AWS_ENDPOINT_URL_DYNAMODB: local.functionEnvironment.AWS_ENDPOINT_URL_DYNAMODB,
    AWS_ENDPOINT_URL_KMS: local.functionEnvironment.AWS_ENDPOINT_URL_KMS,
    FRONTEND_API_URL: local.instance.baseUrl,
    USERS_TABLE: 'UsersTable',
  });
  expect(environment).not.toHaveProperty('PATH');
  expect(environment).not.toHaveProperty('HOME');
});

test.each(['throw', 'hang', 'exit'])(
  'functions that %s are answered 500, and the next request is answered',
  async (command) => {
    const failed = await ask(`/echo/x?${command}`);

    expect([failed.status, await failed.text()]).toEqual([500, '{"message":"Internal Server Error"}']);
    expect((await ask('/echo/x')).status).toBe(200);
  },
);

test('invocations beyond the number of environments wait in line', async () => {
  const begun = performance.now();
  const responses = await Promise.all(Array.from({ length: 6 }, () => ask('/echo/x?slow')));

  expect(responses.map(({ status }) => status)).toEqual(Array(6).fill(200));
  expect(performance.now() - begun).toBeGreaterThan(280);
});

test('functions that do not start say why once', async () => {
  for (let call = 0; call < 2; call += 1) expect((await ask('/broken')).status).toBe(500);

  expect(reported.filter((line) => line.startsWith('Broken does not start'))).toEqual([
    expect.stringContaining('exports no function missing'),
  ]);
});

test('functions write to the log file, which holds no query', async () => {
  await ask('/echo/x?log');
  await ask('/echo/x');

  const log = await readFile(local.logFile, 'utf8');
  expect(log).toContain('said by the handler');
  expect(log).toContain('Error: thrown by the handler');
  expect(log).toContain('Task timed out after 1.00 seconds');
});
