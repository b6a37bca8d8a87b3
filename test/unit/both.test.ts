import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { both } from '../../shared/base/both.ts';

test('what both become is in their order', async () => {
  expect(await both(sleep(5, 'one'), Promise.resolve(2))).toEqual(['one', 2]);
});

test('a failure is thrown once the other has ended', async () => {
  const ended: string[] = [];
  const slow = sleep(20).then(() => ended.push('slow'));

  await expect(both(slow, Promise.reject(new Error('fast')))).rejects.toThrow('fast');

  expect(ended).toEqual(['slow']);
});
