import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { withSnippets } from '../support/doc-snippets.ts';

const page = readFileSync('docs/clients.md', 'utf8');

test('the code in docs/clients.md is that of the files that tests run; "npm run fix" writes it', () => {
  expect(page).toBe(withSnippets(page));
});

test('all code in docs/clients.md but commands and settings comes from a file that tests run', () => {
  const blocks = [...page.matchAll(/(?<before>.*)\n^```(?<language>\w+)$/gm)].map(({ groups }) => groups ?? {});
  const isCode = ({ language = '' }) => !['sh', 'json'].includes(language);

  expect(blocks.filter(isCode).length).toBeGreaterThan(5);
  expect(blocks.filter((block) => isCode(block) && !block.before?.startsWith('<!-- lines "'))).toEqual([]);
});

/** The versions that tests run, by the names in the tables of the page. */
function pinnedVersions(): ReadonlyMap<string, string> {
  const textOf = (file: string) => readFileSync(`test/sdks/${file}`, 'utf8');
  const python = textOf('python/requirements.txt').matchAll(/^([\w-]+)(?:\[\w+\])?==(\S+)/gm);
  const go = textOf('go/go.mod').matchAll(/^\t(\S+) v(\S+)$/gm);
  const java = textOf('java/pom.xml').matchAll(/<artifactId>([^<]+)<\/artifactId>\s*<version>([^<]+)</g);
  const others = [...python, ...go, ...java].map(([, name = '', version = '']) => [name, version] as const);
  return new Map([...Object.entries(manifest.dependencies), ...Object.entries(manifest.devDependencies), ...others]);
}

test('docs/clients.md names the versions that tests run', () => {
  const pinned = pinnedVersions();
  const rows = [...page.matchAll(/^\| `(?<name>[^`]+)` \| (?<version>\d[\d.]+) \|/gm)].map(
    ({ groups }) => groups ?? {},
  );

  expect(rows.length).toBeGreaterThan(7);
  for (const { name = '', version } of rows) expect(`${name} ${version}`).toBe(`${name} ${pinned.get(name)}`);
});
