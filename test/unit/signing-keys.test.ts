// What `npm run signing-keys` writes into the configuration file, and how it formats its waits.
import { expect, test } from 'vitest';
import { withMember } from '../../cdk/commands/signing-keys/config-edit.ts';
import { duration } from '../../cdk/commands/signing-keys/waits.ts';

test.each([
  ['{}\n', '{\n  "sessionKeys": [\n    2,\n    1\n  ]\n}\n'],
  ['{"sessionKeys":[1],"stage":"dev"}', '{"sessionKeys":[\n    2,\n    1\n  ],"stage":"dev"}'],
  [
    '{\n  "cloudFront":  { "sessionKeys": [7] },\n  "stage": "dev"\n}\n',
    '{\n  "cloudFront":  { "sessionKeys": [7] },\n  "stage": "dev",\n  "sessionKeys": [\n    2,\n    1\n  ]\n}\n',
  ],
])('a list is written into the configuration file, and the other members stay as they are: %j', (before, after) => {
  expect(withMember(before, 'sessionKeys', [2, 1])).toBe(after);
  expect(JSON.parse(after).sessionKeys).toEqual([2, 1]);
});

test.each([
  [0, 'no time'],
  [61, '2 minutes'],
  [3600, '1 hour'],
  [2_592_300, '30 days and 5 minutes'],
])('%d seconds are said as %s', (seconds, said) => {
  expect(duration(seconds)).toBe(said);
});
