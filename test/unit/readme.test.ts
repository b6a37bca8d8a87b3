import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mappedRules, withApiTable } from '../support/readme-tables.ts';

const readme = readFileSync('README.md', 'utf8');

test('the API table in the README is the list of routes; "npm run fix" writes it', () => {
  expect(readme).toBe(withApiTable(readme));
});

test('each rule in the README names code that exists and a test that exists', () => {
  const rules = mappedRules(readme);

  expect(rules.length).toBeGreaterThanOrEqual(7);
  for (const { rule, codeFiles, testFile, testName } of rules) {
    expect(
      codeFiles.filter((file) => !existsSync(file)),
      rule,
    ).toEqual([]);
    expect(readFileSync(testFile, 'utf8'), rule).toContain(testName);
    expect(testName, rule).not.toBe('');
  }
});

test('every file the README links to exists', () => {
  const links = [...readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) => path ?? '');

  expect(links.filter((path) => !existsSync(path))).toEqual([]);
});
