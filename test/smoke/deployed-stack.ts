// Gives the tests the stack that `npm run smoke` found, in place of test/support/running-stack.ts.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type {} from '../support/running-stack.ts';

export async function setup({ provide }: TestProject): Promise<void> {
  const dir = process.env.SMOKE_DIRECTORY;
  if (!dir) throw new Error('These tests need a deployed stage: run them with "npm run smoke".');
  provide('stack', JSON.parse(await readFile(join(dir, 'stack.json'), 'utf8')));
}
