// What `npm run signing-keys` writes into cdk.json, and how it says and reckons its waits.
import { describe, expect, test } from 'vitest';
import { withActorTokensMember } from '../../cdk/commands/signing-keys/cdk-json.ts';
import { duration } from '../../cdk/commands/signing-keys/waits.ts';

describe('a list is written into cdk.json', () => {
  test.each([
    ['{"context":{"actorTokens":{}}}', '{"context":{"actorTokens":{ "sessionKeys": [2, 1] }}}'],
    [
      '{"context":{"actorTokens":{"sessionKeys":"1","stage":"dev"}}}',
      '{"context":{"actorTokens":{"sessionKeys":[2, 1],"stage":"dev"}}}',
    ],
    [
      '{\n  "context": {\n    "actorTokens": {\n      "stage": "dev",\n      "cloudFront": { "sessionKeys": [7] }\n    }\n  }\n}\n',
      '{\n  "context": {\n    "actorTokens": {\n      "stage": "dev",\n      "cloudFront": { "sessionKeys": [7] },\n      "sessionKeys": [2, 1]\n    }\n  }\n}\n',
    ],
    [
      '{"actorTokens":{"sessionKeys":[9]},"context":{"actorTokens":{"sessionKeys":[1, 2]}}}',
      '{"actorTokens":{"sessionKeys":[9]},"context":{"actorTokens":{"sessionKeys":[2, 1]}}}',
    ],
  ])('%j', (before, after) => {
    expect(withActorTokensMember(before, 'sessionKeys', [2, 1])).toBe(after);
    expect(JSON.parse(after).context.actorTokens.sessionKeys).toEqual([2, 1]);
  });

  test('unless the same name stands where it goes before', () => {
    const json = '{"context":{"sessionKeys":[1],"actorTokens":{"stage":"dev"}}}';

    expect(() => withActorTokensMember(json, 'sessionKeys', [1])).toThrow(
      'cdk.json has sessionKeys beside actorTokens, where it goes before: move it into actorTokens.',
    );
  });

  test('unless there is no object for it', () => {
    expect(() => withActorTokensMember('{"context":{}}', 'sessionKeys', [1])).toThrow(/has no object actorTokens/);
  });
});

test.each([
  [0, 'no time'],
  [61, '2 minutes'],
  [3600, '1 hour'],
  [2_592_300, '30 days and 5 minutes'],
])('%d seconds are said as %s', (seconds, said) => {
  expect(duration(seconds)).toBe(said);
});
