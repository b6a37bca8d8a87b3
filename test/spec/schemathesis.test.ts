// Schemathesis derives requests from the API document, and compares what the running stack answers with it.
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { aSignedInBrowser } from '../clients/backend/clerk.ts';
import { pythonWith } from '../deploy/python.ts';
import { isInstalled, run } from '../sdks/program.ts';
import { buildFolder, fileHere, writeDocument } from './generated-client.ts';

const CASES = 5000;

const hasPython = await isInstalled(['python3', '-c', 'import ensurepip, venv']);

test.skipIf(!hasPython)(
  `Schemathesis finds nothing in 5,000 requests${hasPython ? '' : ' (skipped: no Python)'}`,
  async () => {
    const { baseUrl, secretKey } = inject('stack');
    const python = await pythonWith('../spec/python/requirements.txt', 'spec/python');
    const document = await writeDocument(buildFolder('schemathesis'));
    const { browser } = await aSignedInBrowser();
    const clientToken = browser.cookies.get('__Host-client');
    const options = ['--config-file', fileHere('schemathesis.toml'), 'run', document, '--url', baseUrl, '--no-color'];

    const { stdout } = await run(join(python, '../schemathesis'), options, {
      env: { ...process.env, SECRET_KEY: secretKey, CLIENT_TOKEN: clientToken },
      cwd: buildFolder('schemathesis'),
      maxBuffer: 64 * 1024 * 1024,
    }).catch((error) => {
      throw new Error(error.stdout || error.message);
    });

    const [, cases] = /(\d+) generated/.exec(stdout) ?? [];
    expect(Number(cases)).toBeGreaterThanOrEqual(CASES);
    expect(stdout).not.toMatch(/ found|Errors:/);
  },
);
