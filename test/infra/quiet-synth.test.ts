import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const project = fileURLToPath(new URL('../..', import.meta.url));

test('"cdk synth" prints nothing that is not about the stack: no feature flags, deprecations or notices', () => {
  const output = mkdtempSync(join(tmpdir(), 'quiet-synth-'));
  onTestFinished(() => rmSync(output, { recursive: true, force: true }));
  const cdk = fileURLToPath(import.meta.resolve('aws-cdk/bin/cdk'));

  const { status, stdout, stderr } = spawnSync(process.execPath, [cdk, 'synth', '--quiet', '--output', output], {
    cwd: project,
    encoding: 'utf8',
  });

  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
});
