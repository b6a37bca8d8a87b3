import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { limits } from '../../shared/base/limits.ts';

test('the banner reckons inactivity by the limit that the product has', () => {
  const script = readFileSync('functions/fallback/impersonation-banner/banner.browser.js', 'utf8');

  const inMilliseconds = Number(/INACTIVITY_MS = ([\d_]+);/.exec(script)?.[1]?.replaceAll('_', ''));

  expect(inMilliseconds).toBe(limits.inactivityInSeconds * 1000);
});
