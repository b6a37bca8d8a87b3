// Who may import whom. The folders of shared/ are the domain's nouns; http, signing and storage serve them.
import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Import {
  readonly from: string;
  /** A path in this repository, or the name of a package. */
  readonly to: string;
  readonly isTypeOnly: boolean;
}

const files = globSync(['functions/**/*.ts', 'shared/**/*.ts'], { cwd: root }).map((file) =>
  file.replaceAll('\\', '/'),
);
const source = new Map(files.map((file) => [file, readFileSync(posix.join(root, file), 'utf8')]));

function importsOf(file: string): readonly Import[] {
  const statements = (source.get(file) ?? '').matchAll(
    /^\s*(?:import|export)\b(?<clause>[^;'"]*?)(?:\bfrom\s*)?['"](?<specifier>[^'"]+)['"]/gm,
  );
  return [...statements].map(({ groups: { clause = '', specifier = '' } = {} }) => {
    const names = /\{([^}]*)\}/
      .exec(clause)?.[1]
      ?.split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
    const isTypeOnly = /^\s*type\b/.test(clause) || (names?.every((name) => name.startsWith('type ')) ?? false);
    const to = specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : specifier;
    return { from: file, to, isTypeOnly };
  });
}

const imports = files.flatMap(importsOf);

const SERVICES = ['base', 'http', 'signing', 'storage'];
const isIn = (folder: string) => (file: string) => file.startsWith(`${folder}/`);
const folderOf = (file: string) => /^shared\/([^/]+)\//.exec(file)?.[1];
const isDomain = (file: string) => {
  const folder = folderOf(file);
  return folder !== undefined && !SERVICES.includes(folder);
};
const isSdk = (to: string) => to.startsWith('@aws-sdk/') || to.startsWith('@smithy/');

/** The imports that break a rule, as lines a reader can go to. */
function broken(isForbidden: (each: Import) => boolean): readonly string[] {
  return imports.filter(isForbidden).map(({ from, to }) => `${from} -> ${to}`);
}

test('the files are found', () => {
  expect(files.length).toBeGreaterThan(60);
  expect(imports.length).toBeGreaterThan(200);
});

describe('nobody imports', () => {
  test('what is not the product: cdk, local and test', () => {
    expect(broken(({ to }) => /^(cdk|local|test|bench|examples)\//.test(to))).toEqual([]);
  });

  test('an AWS client but shared/', () => {
    expect(broken(({ from, to }) => isIn('functions')(from) && isSdk(to))).toEqual([]);
  });

  test('the KMS client but shared/signing', () => {
    expect(broken(({ from, to }) => to === '@aws-sdk/client-kms' && !isIn('shared/signing')(from))).toEqual([]);
  });

  test('a handler but handlers', () => {
    expect(broken(({ from, to, isTypeOnly }) => isIn('shared')(from) && isIn('functions')(to) && !isTypeOnly)).toEqual(
      [],
    );
  });

  test('an operation of another handler', () => {
    const lambdaOf = (file: string) => /^functions\/([^/]+)\//.exec(file)?.[1];
    expect(
      broken(({ from, to }) => {
        const [own, other] = [lambdaOf(from), lambdaOf(to)];
        return own !== undefined && other !== undefined && own !== other;
      }),
    ).toEqual([]);
  });
});

describe('the domain does not know', () => {
  test('HTTP', () => {
    expect(broken(({ from, to }) => isDomain(from) && isIn('shared/http')(to))).toEqual([]);
  });

  test('the router, nor middleware', () => {
    expect(
      broken(({ from, to }) => isIn('shared')(from) && !isIn('shared/http')(from) && to.startsWith('@middy/')),
    ).toEqual([]);
  });
});

describe('what serves the domain does not know it', () => {
  test.each(['signing', 'storage'])('shared/%s', (folder) => {
    expect(broken(({ from, to, isTypeOnly }) => isIn(`shared/${folder}`)(from) && isDomain(to) && !isTypeOnly)).toEqual(
      [],
    );
    expect(broken(({ from, to }) => isIn(`shared/${folder}`)(from) && isIn('shared/http')(to))).toEqual([]);
  });

  test('storage does not know signing, nor signing storage', () => {
    const pairs = [
      ['shared/storage', 'shared/signing'],
      ['shared/signing', 'shared/storage'],
    ] as const;
    expect(pairs.flatMap(([one, other]) => broken(({ from, to }) => isIn(one)(from) && isIn(other)(to)))).toEqual([]);
  });
});

describe('a rule is pure', () => {
  const pure = [
    'shared/actor-tokens/actor-token.ts',
    'shared/sessions/session.ts',
    'shared/users/user.ts',
    'shared/clients/client.ts',
    'shared/base/time.ts',
    'shared/base/ids.ts',
    'shared/base/params.ts',
  ];

  test.each(pure)('%s has no clock, no environment and no store', (file) => {
    expect(source.get(file)).not.toMatch(/Date\.now|new Date|performance\.now|process\.|Math\.random|await |fetch\(/);
    expect(broken(({ from, to }) => from === file && (isSdk(to) || isIn('shared/storage')(to)))).toEqual([]);
  });

  test('everywhere but at the edges: only a request reads the clock', () => {
    const readers = files.filter((file) => /Date\.now|new Date\(\s*\)/.test(source.get(file) ?? ''));
    expect(readers).toEqual(['shared/http/request.ts']);
  });

  test('everywhere but in the configuration: only it reads the environment', () => {
    const readers = files.filter((file) => /process\.env/.test(source.get(file) ?? ''));
    expect(readers).toEqual(['shared/base/config.ts']);
  });
});

test('no promise is left running: nothing waits for the first failure of several', () => {
  const hasty = files.filter((file) => /Promise\.(?:all|race|any)\(/.test(source.get(file) ?? ''));
  expect(hasty).toEqual([]);
});

test('nothing of the product logs but by shared/base/log.ts', () => {
  const loggers = files.filter((file) => /console\.|process\.std(out|err)/.test(source.get(file) ?? ''));
  expect(loggers).toEqual(['shared/base/log.ts']);
});

test('no secret is made or compared by weak means', () => {
  for (const [file, text] of source)
    expect(text, file).not.toMatch(/createHmac|createHash\('md5'|\beval\(|new Function\(/);
});

test('no import goes round in a circle', () => {
  const next = new Map(
    files.map((file) => [
      file,
      imports.filter(({ from, to, isTypeOnly }) => from === file && source.has(to) && !isTypeOnly).map(({ to }) => to),
    ]),
  );
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const each of next.get(file) ?? []) walk(each, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);

  expect(circles).toEqual([]);
});
