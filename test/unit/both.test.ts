import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { both } from '../../shared/base/both.ts';

test('both values are returned in the order of their promises', async () => {
  expect(await both(sleep(5, 'one'), Promise.resolve(2))).toEqual(['one', 2]);
});

test('a failure is thrown once the other promise has settled', async () => {
  const ended: string[] = [];
  const slow = sleep(20).then(() => ended.push('slow'));

  await expect(both(slow, Promise.reject(new Error('fast')))).rejects.toThrow('fast');

  expect(ended).toEqual(['slow']);
});
