import { existsSync, globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
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

/** Returns the anchor that GitHub creates for a heading. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function anchorsOf(file: string): readonly string[] {
  return [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

/** Returns the links of a page to missing files or sections of this repository. */
function deadLinks(page: string): readonly string[] {
  const links = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    const [path = '', anchor] = link.split('#');
    const file = path === '' ? page : posix.join(posix.dirname(page), path);
    if (!existsSync(file)) return true;
    return anchor !== undefined && !anchorsOf(file).includes(anchor);
  });
}

const pages = globSync(['*.md', 'docs/*.md', 'examples/*/README.md', 'test/README.md']);

test('the pages are found', () => {
  expect(pages.length).toBeGreaterThan(5);
});

test.each(pages)('every link of %s to a file or a section leads to one', (page) => {
  expect(deadLinks(page)).toEqual([]);
});

test('every page of docs/ is linked from the README', () => {
  const isLinked = (page: string) => readme.includes(`](${page})`) || readme.includes(`](${page}#`);

  expect(globSync('docs/*.md').filter((page) => !isLinked(page))).toEqual([]);
});
