// Imports run one way, types included: bench → test → examples → local → cdk → functions → shared, and within shared from the nouns down.
import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Import {
  readonly from: string;
  /** A path in this repository, or the name of a package. */
  readonly to: string;
  /** The import is of types only, so nothing is loaded. */
  readonly isOfTypes: boolean;
}

const trees = ['shared', 'functions', 'cdk', 'local', 'examples', 'test', 'bench'];
const files = globSync(
  trees.map((tree) => `${tree}/**/*.{ts,mjs,js}`),
  { cwd: root },
)
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => !file.includes('node_modules/'));
const source = new Map(files.map((file) => [file, readFileSync(posix.join(root, file), 'utf8')]));

function importsOf(file: string): readonly Import[] {
  const text = source.get(file) ?? '';
  const statements = text.matchAll(/^\s*(?:import|export)\b[^;'"]*?(?:\bfrom\s*)?['"](?<specifier>[^'"]+)['"]/gm);
  const dynamic = text.matchAll(/\bimport\(\s*['"](?<specifier>[^'"]+)['"]/g);
  const builtins = text.matchAll(/\bgetBuiltinModule\(\s*['"](?<specifier>[^'"]+)['"]/g);
  return [...statements, ...dynamic, ...builtins].map(({ 0: statement, groups: { specifier = '' } = {} }) => ({
    from: file,
    to: specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : specifier,
    isOfTypes: /^\s*(?:import|export) type\b/.test(statement),
  }));
}

const imports = files.flatMap(importsOf);

const isIn = (folder: string) => (file: string) => file.startsWith(`${folder}/`);
const isSdk = (to: string) => to.startsWith('@aws-sdk/') || to.startsWith('@smithy/');

/** The imports that break a rule, as lines that a reader can follow. */
function importsThat(breakRule: (each: Import) => boolean): readonly string[] {
  return imports.filter(breakRule).map(({ from, to }) => `${from} -> ${to}`);
}

/** The place of a file in an order of folders; undefined for a file in none of them. */
function rankIn(order: readonly string[], file: string): number | undefined {
  const rank = order.findIndex((folder) => isIn(folder)(file));
  return rank === -1 ? undefined : rank;
}

function againstTheGrain(order: readonly string[]): readonly string[] {
  return importsThat(({ from, to }) => {
    const [lower, upper] = [rankIn(order, from), rankIn(order, to)];
    return lower !== undefined && upper !== undefined && lower < upper;
  });
}

test('the files and their imports are found', () => {
  expect(files.length).toBeGreaterThan(300);
  expect(imports.length).toBeGreaterThan(1000);
});

test('the trees import one way: shared, functions, cdk, local, examples, test, bench, each only those before it', () => {
  expect(againstTheGrain(trees)).toEqual([]);
});

test('the folders of shared import one way: base, services, nouns, sign-ins, http', () => {
  const order = [
    'shared/base',
    'shared/storage',
    'shared/signing',
    'shared/users',
    'shared/clients',
    'shared/secret-keys',
    'shared/operators',
    'shared/blocklist',
    'shared/authority',
    'shared/actor-tokens',
    'shared/sessions',
    'shared/sign-ins',
    'shared/audit',
    'shared/http',
  ];
  const folders = new Set(files.filter(isIn('shared')).map((file) => posix.dirname(file)));

  expect([...folders].toSorted()).toEqual(order.toSorted());
  expect(againstTheGrain(order)).toEqual([]);
});

test('signing and storage do not import each other', () => {
  expect(importsThat(({ from, to }) => isIn('shared/storage')(from) && isIn('shared/signing')(to))).toEqual([]);
  expect(importsThat(({ from, to }) => isIn('shared/signing')(from) && isIn('shared/storage')(to))).toEqual([]);
});

test('the imitation of AWS imports nothing of the product', () => {
  expect(
    importsThat(({ from, to }) => {
      const isOfRepository = trees.some((tree) => isIn(tree)(to));
      return isIn('local/aws')(from) && isOfRepository && !isIn('local/aws')(to);
    }),
  ).toEqual([]);
});

test('no import goes round in a circle, types included', () => {
  const next = new Map(files.map((file) => [file, importsOf(file).map(({ to }) => to)]));
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const each of next.get(file) ?? []) if (source.has(each)) walk(each, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);

  expect(circles).toEqual([]);
});

describe('of functions/ and shared/', () => {
  test('only shared/ imports the AWS SDK', () => {
    expect(importsThat(({ from, to }) => isIn('functions')(from) && isSdk(to))).toEqual([]);
  });

  test('only shared/signing imports the KMS client', () => {
    const isProduct = (file: string) => isIn('functions')(file) || isIn('shared')(file);
    expect(
      importsThat(({ from, to }) => isProduct(from) && to === '@aws-sdk/client-kms' && !isIn('shared/signing')(from)),
    ).toEqual([]);
  });

  test('only the clients of four AWS services and the health check open connections, and nothing starts a process', () => {
    const isProduct = (file: string) =>
      (isIn('functions')(file) || isIn('shared')(file)) && file !== 'functions/check-health/health-problem.ts';
    const clients = imports.filter(({ from, to }) => isProduct(from) && to.startsWith('@aws-sdk/client-'));
    const builtins = imports.filter(({ from, to }) => isProduct(from) && to.startsWith('node:'));

    expect([...new Set(clients.map(({ to }) => to))].toSorted()).toEqual([
      '@aws-sdk/client-dynamodb',
      '@aws-sdk/client-eventbridge',
      '@aws-sdk/client-kms',
      '@aws-sdk/client-s3',
    ]);
    expect([...new Set(builtins.map(({ to }) => to))].toSorted()).toEqual([
      'node:async_hooks',
      'node:crypto',
      'node:fs',
      'node:module',
      'node:path',
      'node:timers/promises',
      'node:util',
      'node:zlib',
    ]);
    // The operators and the policy are a file beside the bundle, and so is the source map.
    expect(builtins.filter(({ to }) => to === 'node:fs').map(({ from }) => from)).toEqual([
      'functions/own-instance.ts',
      'shared/base/stack.ts',
    ]);
    for (const file of productCode) expect(source.get(file), file).not.toMatch(/\bfetch\(|\bWebSocket\b/);
  });

  test('only functions/ and shared/http import middy', () => {
    expect(
      importsThat(({ from, to }) => isIn('shared')(from) && !isIn('shared/http')(from) && to.startsWith('@middy/')),
    ).toEqual([]);
  });

  test('no Lambda imports an operation of another', () => {
    const folderOf = (file: string) => /^functions\/([^/]+)\//.exec(file)?.[1];
    const isOfLambda = (folder = '') => source.has(`functions/${folder}.ts`);
    expect(
      importsThat(({ from, to }) => {
        const [own, other] = [folderOf(from), folderOf(to)];
        return own !== undefined && isOfLambda(other) && own !== other;
      }),
    ).toEqual([]);
  });
});

/** Returns the files and packages that are loaded with a file. */
function loadedWith(file: string): ReadonlySet<string> {
  const loaded = new Set([file]);
  for (const each of loaded)
    for (const { to, isOfTypes } of source.has(each) ? importsOf(each) : []) if (!isOfTypes) loaded.add(to);
  return loaded;
}

test('the list of routes, which the stack and the local run load, loads no AWS SDK and no jose', () => {
  const loaded = [...loadedWith('functions/routes.ts')];

  expect(loaded).toContain('shared/sessions/session-schema.ts');
  expect(loaded.filter((each) => isSdk(each) || each === 'jose')).toEqual([]);
});

const product = files.filter((file) => isIn('functions')(file) || isIn('shared')(file));
const productCode = product.filter((file) => !file.endsWith('.browser.js'));

describe('a rule is pure:', () => {
  const pure = [
    'shared/actor-tokens/actor-token.ts',
    'shared/sessions/session.ts',
    'shared/users/user.ts',
    'shared/clients/client.ts',
    'shared/base/time.ts',
    'shared/base/ids.ts',
    'shared/base/params.ts',
    'shared/authority/decide.ts',
    'shared/authority/question.ts',
    'shared/actor-tokens/durations.ts',
    'shared/blocklist/block.ts',
  ];

  test.each(pure)('%s uses no clock, no environment and no table', (file) => {
    expect(source.get(file)).not.toMatch(/Date\.now|new Date|performance\.now|process\.|Math\.random|await |fetch\(/);
    expect(importsThat(({ from, to }) => from === file && (isSdk(to) || isIn('shared/storage')(to)))).toEqual([]);
  });

  test('only a request, and a batch of the record, read the clock', () => {
    const readers = productCode.filter((file) => /Date\.now|new Date\(\s*\)/.test(source.get(file) ?? ''));
    expect(readers).toEqual(['functions/seal-audit.ts', 'shared/http/request.ts']);
  });

  test('only the start of a function reads the environment', () => {
    const readers = productCode.filter((file) => /process\.env/.test(source.get(file) ?? ''));
    // The health check needs nothing of the instance but its URLs.
    expect(readers).toEqual(['functions/check-health.ts', 'functions/own-instance.ts']);
  });
});

test('no command writes the environment', () => {
  const writers = files.filter(
    (file) =>
      isIn('cdk/commands')(file) &&
      /process\.env(?:\.\w+|\[[^\]]+\])\s*=[^=]|assign\(process\.env|delete process\.env/.test(source.get(file) ?? ''),
  );
  expect(writers).toEqual([]);
});

test('no promise is left running: nothing resolves at the first of several failures', () => {
  const hasty = productCode.filter((file) => /Promise\.(?:all|race|any)\(/.test(source.get(file) ?? ''));
  expect(hasty).toEqual([]);
});

test('only shared/base/log.ts writes to the log', () => {
  const loggers = productCode.filter((file) => /console\.|process\.std(out|err)/.test(source.get(file) ?? ''));
  expect(loggers).toEqual(['shared/base/log.ts']);
});

test('no secret is made or compared by weak means', () => {
  for (const file of productCode)
    expect(source.get(file), file).not.toMatch(/createHmac|createHash\('md5'|\beval\(|new Function\(/);
});
