import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, onTestFinished, test } from 'vitest';
import { directoryAt } from '../../local/directory.ts';
import type { LocalInstance } from '../../local/instance.ts';
import { curlStory, storyText } from '../../local/story.ts';

const run = promisify(execFile);

/** The running instance in the form in which the command that shows the story has it. */
async function runningInstance(): Promise<LocalInstance> {
  const { instance } = directoryAt(dirname(inject('stack').logFile));
  return JSON.parse(await readFile(instance, 'utf8'));
}

async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'actor-tokens-story-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

test('the lines that npm start shows run in a shell and end with a decoded session token', async () => {
  const instance = await runningInstance();
  const [userId] = instance.userIds;
  const story = curlStory(instance).join('\n');
  const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter);

  const { stdout, stderr } = await run('sh', ['-c', story], { env: { PATH, TMPDIR: await temporaryDirectory() } });

  expect(storyText(instance)).toContain(`\n\n${story}`);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^\{\n {2}act: \{ sub: 'user_support' \},\n/);
  expect(stdout).toContain(`\n  iss: '${instance.frontendApiUrl}',\n`);
  expect(stdout).toMatch(/\n {2}sid: 'sess_[0-9A-Za-z]{27}',\n/);
  expect(stdout).toContain(`\n  sub: '${userId}',\n`);
});
