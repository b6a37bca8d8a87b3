// Generators of clients make one of the API document, and a program uses it against the running stack.

import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { pythonWith } from '../deploy/python.ts';
import { install } from '../other-clients/install.ts';
import { isInstalled, run } from '../sdks/program.ts';
import { copyPrograms, emptied, execute, expectedOf, fileHere, writeDocument } from './generated-client.ts';

const hasPython = await isInstalled(['python3', '-c', 'import ensurepip, venv']);
const hasJava = await isInstalled(['java', '--version'], ['mvn', '--version']);

describe('openapi-typescript and openapi-fetch', () => {
  test('make a client that passes the strictest check of types, and works', async () => {
    const folder = await copyPrograms('openapi-fetch');
    await install(folder);
    const document = await writeDocument(folder);
    const bin = (name: string) => join(folder, 'node_modules/.bin', name);

    await run(bin('openapi-typescript'), [document, '--output', join(folder, 'api.d.ts')]);
    await run(bin('tsc'), ['--project', folder]);
    const { externalId, reported } = await execute(process.execPath, [join(folder, 'client.ts')]);

    expect(reported).toEqual(expectedOf(externalId));
  });

  test('Spectral finds no error and no warning', async () => {
    const folder = await copyPrograms('openapi-fetch');
    await install(folder);
    const document = await writeDocument(folder);
    const ruleset = ['--ruleset', join(folder, '.spectral.yaml')];

    const { stdout } = await run(join(folder, 'node_modules/.bin/spectral'), ['lint', ...ruleset, document]);

    expect(stdout).toContain("No results with a severity of 'error' found!");
    expect(stdout).not.toContain('warning');
  });
});

describe.skipIf(!hasPython)(`openapi-python-client${hasPython ? '' : ' (skipped: no Python)'}`, () => {
  test('makes a client with every operation and without a warning, which works', async () => {
    const python = await pythonWith('../spec/python/requirements.txt', 'spec/python');
    const folder = await copyPrograms('python');
    const document = await writeDocument(folder);
    const output = await emptied(join(folder, 'generated'));
    const options = ['--path', document, '--output-path', output, '--meta', 'none'];

    const { stdout, stderr } = await run(join(python, '../openapi-python-client'), ['generate', ...options], {
      env: { ...process.env, PATH: `${join(python, '..')}:${process.env.PATH}` },
    });
    const { externalId, reported } = await execute(python, [join(folder, 'client.py')]);

    expect(`${stdout}${stderr}`).not.toMatch(/warning|error/i);
    expect(reported).toEqual(expectedOf(externalId));
  });
});

describe.skipIf(!hasJava)(`openapi-generator${hasJava ? '' : ' (skipped: no Java)'}`, () => {
  test('makes a client that works', async () => {
    // With -C a package whose checksum differs fails the build.
    await run('mvn', ['-q', '-B', '-C', 'dependency:copy-dependencies'], { cwd: fileHere('java') });
    const folder = await copyPrograms('openapi-generator');
    const document = await writeDocument(folder);
    const output = await emptied(join(folder, 'generated'));
    const jar = join(folder, '../java/openapi-generator-cli-7.25.0.jar');

    await run('java', ['-jar', jar, 'generate', '-g', 'typescript-fetch', '-i', document, '-o', output], {
      maxBuffer: 64 * 1024 * 1024,
    });
    const program = join(folder, 'client.mjs');
    await build({
      entryPoints: [join(folder, 'client.ts')],
      outfile: program,
      bundle: true,
      platform: 'node',
      format: 'esm',
    });
    const { externalId, reported } = await execute(process.execPath, [program]);

    expect(reported).toEqual(expectedOf(externalId));
  });
});
