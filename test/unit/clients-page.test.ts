import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import nextjs from '../../examples/nextjs/package.json' with { type: 'json' };
import manifest from '../../package.json' with { type: 'json' };
import backend2 from '../other-clients/backend-2/package.json' with { type: 'json' };
import react5 from '../other-clients/react-5/package.json' with { type: 'json' };
import testing from '../other-clients/testing/package.json' with { type: 'json' };
import vue from '../other-clients/vue/package.json' with { type: 'json' };
import openapiFetch from '../spec/openapi-fetch/package.json' with { type: 'json' };
import { withSnippets } from '../support/doc-snippets.ts';

const page = readFileSync('docs/clients.md', 'utf8');

test.each(['README.md', 'docs/cdk.md', 'docs/clients.md', 'docs/deploy.md', 'docs/operators.md', 'docs/your-app.md'])(
  'the code in %s is that of the files that tests run; "npm run fix" writes it',
  (path) => {
    const text = readFileSync(path, 'utf8');

    expect(text).toContain('<!-- lines "');
    expect(text).toBe(withSnippets(text));
  },
);

test('all code in docs/clients.md but commands and settings comes from a file that tests run', () => {
  const blocks = [...page.matchAll(/(?<before>.*)\n^```(?<language>\w+)$/gm)].map(({ groups }) => groups ?? {});
  const isCode = ({ language = '' }) => !['sh', 'json'].includes(language);

  expect(blocks.filter(isCode).length).toBeGreaterThan(5);
  expect(blocks.filter((block) => isCode(block) && !block.before?.startsWith('<!-- lines "'))).toEqual([]);
});

/** The packages that tests run, with their versions, as the tables of the page name them. */
function pinnedVersions(): ReadonlySet<string> {
  const textOf = (...files: readonly string[]) => files.map((file) => readFileSync(`test/${file}`, 'utf8')).join('\n');
  const requirements = textOf('sdks/python/requirements.txt', 'spec/python/requirements.txt');
  const python = requirements.matchAll(/^([\w-]+)(?:\[\w+\])?==(\S+)/gm);
  const go = textOf('sdks/go/go.mod').matchAll(/^\t(\S+) v(\S+)$/gm);
  const poms = textOf('sdks/java/pom.xml', 'spec/java/pom.xml');
  const java = poms.matchAll(/<artifactId>([^<]+)<\/artifactId>\s*<version>([^<]+)</g);
  const others = [...python, ...go, ...java].map(([, name = '', version = '']) => [name, version] as const);
  const own = [openapiFetch, nextjs, backend2, react5, testing, vue].map(({ dependencies }) => dependencies);
  const packages = [...own, manifest.dependencies, manifest.devDependencies].flatMap(Object.entries);
  return new Set([...packages, ...others].map(([name, version]) => `${name} ${version}`));
}

test('the Next.js example has the versions of this project, of the packages that both have', () => {
  const own: Readonly<Record<string, string>> = { ...nextjs.dependencies, ...nextjs.devDependencies };
  const ofProject: Readonly<Record<string, string>> = { ...manifest.dependencies, ...manifest.devDependencies };
  const shared = Object.keys(own).filter((name) => name in ofProject);

  expect(shared.length).toBeGreaterThan(5);
  for (const name of shared) expect(`${name} ${own[name]}`).toBe(`${name} ${ofProject[name]}`);
  expect(nextjs.overrides).toEqual(manifest.overrides);
});

test('docs/clients.md names the versions that tests run', () => {
  const pinned = pinnedVersions();
  const rows = [...page.matchAll(/^\| `(?<name>[^`]+)` \| (?<version>\d[\d.]+) \|/gm)].map(
    ({ groups }) => groups ?? {},
  );

  expect(rows.length).toBeGreaterThan(7);
  for (const { name, version } of rows) expect(pinned).toContain(`${name} ${version}`);
});
