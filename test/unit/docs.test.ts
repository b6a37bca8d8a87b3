// The pages agree with each other and with the code.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { audit } from '../../cdk/commands/audit.ts';
import { impersonate } from '../../cdk/commands/impersonate.ts';
import { policy } from '../../cdk/commands/policy.ts';
import { secretKey } from '../../cdk/commands/secret-key.ts';
import { signingKeys } from '../../cdk/commands/signing-keys.ts';
import { users } from '../../cdk/commands/users.ts';
import { curlStory } from '../../local/story.ts';
import manifest from '../../package.json' with { type: 'json' };
import { limits } from '../../shared/base/limits.ts';
import { mappedRules, withApiTable } from '../support/doc-tables.ts';

const read = (file: string) => readFileSync(file, 'utf8');
const readme = read('README.md');
const isSaid = (sentence: string) => readme.replaceAll(/\s+/g, ' ').includes(sentence);
const pages = globSync(['*.md', 'docs/*.md', 'examples/*/README.md', 'test/README.md']);

test('the pages are found', () => {
  expect(pages.length).toBeGreaterThan(20);
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
  return [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
}

/** Returns whether a link leads to a file of this repository and, with an anchor, to a section of it. */
function isDead(link: string, from: string): boolean {
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? from : posix.join(posix.dirname(from), path);
  return !existsSync(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor));
}

test.each(pages)('every link of %s to a file or a section leads to one', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = '']) => link);

  expect(links.filter((link) => isDead(link, page))).toEqual([]);
});

test('every page and section of docs/ that code or another text names exists', () => {
  const sources = globSync(['*.md', '{shared,functions,cdk,local,examples,test}/**/*.{ts,js,mjs,md,py,go,java}']);
  const named = sources
    .filter((file) => !file.includes('node_modules'))
    .flatMap((file) => [...read(file).matchAll(/\bdocs\/[\w-]+\.md(?:#[\w-]+)?/g)].map(([link]) => ({ file, link })));

  expect(named.length).toBeGreaterThan(50);
  expect(named.filter(({ link }) => isDead(link, 'README.md'))).toEqual([]);
});

test('every picture in docs/ is in a page', () => {
  const linked = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)\s]+\.png)\)/g)].map(([, link = '']) => posix.join(posix.dirname(page), link)),
  );

  expect(globSync('docs/*.png').filter((picture) => !linked.includes(picture))).toEqual([]);
});

describe('the README', () => {
  test('has at most 2,200 words', () => {
    expect(readme.trim().split(/\s+/).length).toBeLessThanOrEqual(2200);
  });

  test('links to every page of docs/', () => {
    const isLinked = (page: string) => readme.includes(`](${page})`) || readme.includes(`](${page}#`);

    expect(globSync('docs/*.md').filter((page) => !isLinked(page))).toEqual([]);
  });

  test('and SECURITY.md name the version of package.json', () => {
    const [minor] = manifest.version.match(/^\d+\.\d+/) ?? [];

    expect(isSaid(`**Status**: version ${manifest.version}.`)).toBe(true);
    expect(read('SECURITY.md')).toContain(`The newest version, ${minor}.`);
  });

  test('has the rules of docs/architecture.md, in the same words', () => {
    const [, section = ''] = readme.split('\n## What it guarantees\n');
    const rules = [...section.matchAll(/^(\d+)\. (.+(?:\n {3}.+)*)/gm)].map(
      ([, number, text = '']) => `${number} ${text}`,
    );

    expect(rules.map((rule) => rule.replaceAll(/\s+/g, ' '))).toEqual(
      mappedRules(read('docs/architecture.md')).map(({ rule }) => rule),
    );
  });

  test('has the prices of docs/cost.md', () => {
    const cost = read('docs/cost.md');
    const fixed = /two KMS keys \$(\d+); alarms \$([\d.]+).*health check \$([\d.]+);/s.exec(cost)?.slice(1) ?? [];
    const [, use] = /1,000 impersonations of 20 minutes a day are .*?\$(\d+\.\d+)/s.exec(cost) ?? [];

    const sentences = [
      `about $${Math.round(fixed.reduce((sum, price) => sum + Number(price), 0))} a month when nobody uses it`,
      `1,000 impersonations of 20 minutes a day add about $${Math.round(Number(use))}, and at most $20 for metrics`,
    ];
    expect(sentences.filter((sentence) => !isSaid(sentence))).toEqual([]);
    expect(cost).toContain('less than $20 in all');
  });

  test('has the durations of the code', () => {
    const { inactivityInSeconds, sessionMaxDurationInSeconds, sessionTokenLifeInSeconds } = limits;
    const [idle, hour, day] = [inactivityInSeconds / 60, sessionMaxDurationInSeconds.maxByDefault / 3600, 24];

    expect(sessionMaxDurationInSeconds.max).toBe(day * 3600);
    const sentences = [
      `after ${idle} minutes without activity, and after ${hour} hour at the latest`,
      `You can raise this to ${day} hours`,
      `accepted for up to ${sessionTokenLifeInSeconds} seconds`,
      `names the user and the agent for ${sessionTokenLifeInSeconds} seconds`,
    ];
    expect(sentences.filter((sentence) => !isSaid(sentence))).toEqual([]);
  });
});

test('docs/limits.md has the numbers of the code', () => {
  const number = (value: number) => value.toLocaleString('en-US');
  const {
    ticketLifeInSeconds: ticket,
    sessionMaxDurationInSeconds: session,
    backendTokenLifeInSeconds: server,
  } = limits;
  const rows = Object.fromEntries(
    [...read('docs/limits.md').matchAll(/^\| (.+?) \| (.+) \|$/gm)].map(([, what, value]) => [what, value]),
  );

  expect(rows).toEqual({
    Limit: 'Value',
    'life of a ticket, `expires_in_seconds`': `${ticket.min} to ${number(ticket.maxByDefault)}, by default ${number(ticket.default)}; with \`maxTicketLifeInSeconds\` up to ${number(ticket.max)}`,
    'duration of a session, `session_max_duration_in_seconds`': `${session.min} to ${number(session.maxByDefault)}, by default ${number(session.default)}; with \`maxSessionDurationInSeconds\` up to ${number(session.max)}`,
    'time without activity after which a session ends': `${limits.inactivityInSeconds} s`,
    'life of a session token for a browser': `${limits.sessionTokenLifeInSeconds} s`,
    'life of a session token for a server, `expires_in_seconds`': `${server.min} to ${server.max} s`,
    '`actor`, as JSON': `${number(limits.actorBytes)} bytes`,
    '`reason`': `${limits.reasonLength} characters`,
    '`external_id`': `${limits.externalIdBytes} bytes`,
    'body of a request': `${number(limits.bodyBytes)} bytes`,
    'a policy': `${number(limits.policyBytes)} bytes, ${limits.policyRules} rules`,
    'what a search of users reads': `${limits.userSearch.megabytes} MB (about 100,000 users); ${number(limits.userSearch.users)} users to sort or to skip`,
  });
});

test('the API table in docs/api.md is the list of routes; "npm run fix" writes it', () => {
  const page = read('docs/api.md');

  expect(page).toBe(withApiTable(page));
});

test('the story in docs/api.md is the one that "npm start" prints', () => {
  const [, story = ''] = /^```sh\n(.*?)^```/ms.exec(read('docs/api.md')) ?? [];
  const joined = story.replaceAll(/ \\\n +/g, ' ').split('\n');
  const commands = joined.filter((line) => line !== '' && !line.startsWith('#'));
  const url = 'http://127.0.0.1:3000';
  const instance = { baseUrl: url, frontendApiUrl: url, secretKey: 'sk_…', userIds: ['user_…'] };

  expect(commands).toEqual(curlStory(instance));
});

test('each rule in docs/architecture.md names code that exists and a test that exists', () => {
  const rules = mappedRules(read('docs/architecture.md'));

  expect(rules.length).toBeGreaterThanOrEqual(10);
  for (const { rule, codeFiles, testFile, testName } of rules) {
    expect(codeFiles.length, rule).toBeGreaterThan(0);
    expect(
      codeFiles.filter((file) => !existsSync(file)),
      rule,
    ).toEqual([]);
    expect(read(testFile), rule).toContain(testName);
    expect(testName, rule).not.toBe('');
  }
});

/** The words that may follow `npm run <script> --`, for the scripts that have such words. */
const verbsOf = new Map(
  [audit, impersonate, policy, secretKey, signingKeys, users].map(({ name, verbs }) => [
    name.replace('npm run ', ''),
    Object.keys(verbs),
  ]),
);

test.each(pages)('every command in %s exists', (page) => {
  const text = read(page);
  const scripts = [...text.matchAll(/\bnpm run (?:-s )?(\w[\w:-]*)(?: -- ([a-z][\w-]*))?/g)];
  const wrong = scripts.filter(([, script = '', verb]) => {
    const verbs = verbsOf.get(script);
    return !Object.hasOwn(manifest.scripts, script) || (verb !== undefined && verbs && !verbs.includes(verb));
  });
  const programs = [...text.matchAll(/\bnpx (?!-)([\w@/-]+)/g)].map(([, program = '']) => program);

  expect(wrong.map(([command]) => command)).toEqual([]);
  const isThere = (program: string) =>
    Object.hasOwn(manifest.bin, program) || existsSync(`node_modules/.bin/${program}`);
  expect(programs.filter((program) => !isThere(program))).toEqual([]);
});
