import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const files = globSync('local/aws/**/*.{ts,js}', { cwd: root });

/** Returns the relative paths that a file imports or refers to, types included, as paths of this project. */
function pathsIn(file: string): readonly string[] {
  const texts = readFileSync(posix.join(root, file), 'utf8').matchAll(/['"](\.{1,2}\/[^'"\n]*)['"]/g);
  return [...texts].map(([, path = '']) => posix.join(posix.dirname(file), path));
}

test('local/aws imports nothing of this project, so that it could be a package of its own', () => {
  const outside = files.flatMap((file) =>
    pathsIn(file)
      .filter((path) => !path.startsWith('local/aws/'))
      .map((path) => `${file} -> ${path}`),
  );

  expect(files.length).toBeGreaterThan(20);
  expect(outside).toEqual([]);
});
