// docs/asvs.md is complete: every requirement of levels 1 and 2 is answered in a row, or named in a list item as one that does not apply.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Each section with the number of its requirements of levels 1 and 2, which come first in it. Source: OWASP ASVS 5.0.0. */
const SECTIONS = `
  1.1:2 1.2:9 1.3:11 1.4:3 1.5:2
  2.1:3 2.2:3 2.3:4 2.4:1
  3.2:2 3.3:4 3.4:6 3.5:5 3.7:2
  4.1:3 4.2:1 4.3:2 4.4:4
  5.1:1 5.2:3 5.3:2 5.4:3
  6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4
  7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2
  8.1:2 8.2:3 8.3:1 8.4:1
  9.1:3 9.2:4
  10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3
  11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1
  12.1:3 12.2:2 12.3:4
  13.1:1 13.2:5 13.3:2 13.4:5
  14.1:2 14.2:4 14.3:3
  15.1:3 15.2:3 15.3:7
  16.1:1 16.2:5 16.3:4 16.4:3 16.5:3
  17.1:1 17.2:4 17.3:2
`;

const requirements = SECTIONS.trim()
  .split(/\s+/)
  .flatMap((each) => {
    const [section, count] = each.split(':');
    return Array.from({ length: Number(count) }, (_, index) => `${section}.${index + 1}`);
  });

const lines = readFileSync('docs/asvs.md', 'utf8').split('\n');
const rows = lines.flatMap((line) => {
  const [, id = '', asks = '', here = ''] = /^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \|$/.exec(line) ?? [];
  return id === '' ? [] : [{ id, asks, here }];
});

/** The requirements of a list item: it names some, or whole sections, or its whole chapter. */
const notApplicable = lines.flatMap((line) => {
  const names = /^- ((?:V?[\d.]+(?:, )?)+): \S/.exec(line)?.[1]?.split(', ') ?? [];
  return names.flatMap((name) => {
    const prefix = name.replace(/^V/, '');
    const found = requirements.filter((id) => id === prefix || id.startsWith(`${prefix}.`));
    return found.length > 0 ? found : [`${name} is no requirement`];
  });
});

test('docs/asvs.md answers every requirement of levels 1 and 2, or says that it does not apply, once and in order', () => {
  const inOrder = (ids: readonly string[]) => requirements.filter((id) => ids.includes(id));

  expect(rows.map(({ id }) => id)).toEqual(inOrder(rows.map(({ id }) => id)));
  expect(notApplicable).toEqual(inOrder(notApplicable));
  expect([...rows.map(({ id }) => id), ...notApplicable].toSorted()).toEqual(requirements.toSorted());
});

test.each(rows)('docs/asvs.md says of $id how it is met, with a link, or why it is not', ({ here }) => {
  expect(here).toMatch(/^(?:met\b.*\]\(|not met\b.*: .)/);
});
