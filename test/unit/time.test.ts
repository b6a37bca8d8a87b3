import { expect, test } from 'vitest';
import { earliest, epochMs, fromNumericDate, plusSeconds, toNumericDate } from '../../shared/base/time.ts';

const noon = 1_700_000_000_000;

test('a numeric date is the whole second of an instant', () => {
  expect([0, 1, 999, 1000].map((ms) => toNumericDate(epochMs(noon + ms)))).toEqual(
    [0, 0, 0, 1].map((seconds) => noon / 1000 + seconds),
  );
});

test('a numeric date converts back to the start of its second', () => {
  expect(fromNumericDate(toNumericDate(epochMs(noon + 999)))).toBe(noon);
});

test('seconds are added to milliseconds, and taken off', () => {
  expect([plusSeconds(epochMs(noon), 90), plusSeconds(epochMs(noon), -90)]).toEqual([noon + 90_000, noon - 90_000]);
});

test('the earliest of instants is the smallest', () => {
  expect([
    earliest(epochMs(2)),
    earliest(epochMs(2), epochMs(1)),
    earliest(epochMs(1), epochMs(3), epochMs(2)),
  ]).toEqual([2, 1, 1]);
});
