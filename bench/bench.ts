/**
 * `npm run bench`: measures how the Lambdas start, what each operation calls and costs, and how it grows, and prints one table. Times are
 * ratios that are taken within one round, so that they compare between machines; the spread beside each shows the noise of this one.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { buildBundles } from '../cdk/bundle/build.ts';
import { localCredentials, region } from '../local/aws/account.ts';
import { startLocal } from '../local/product-stack.ts';
import { instanceFrom } from '../shared/base/instance.ts';
import { startFaultProxy } from '../test/support/fault-proxy.ts';
import { countCalls } from './calls.ts';
import { startChild } from './child.ts';
import { measureCpu } from './cpu.ts';
import { measureGrowth } from './growth.ts';
import { measureInit } from './init.ts';
import { type Row, ratioRow, tableOf } from './table.ts';

const parts = ['init', 'calls', 'cpu', 'growth'] as const;

const help = `Usage: npm run bench -- [part …] [options]

Measures on this machine, and prints one table. It needs about 5 minutes, and nothing else should run meanwhile. The parts, all of them
by default:
  init    how each Lambda starts, as a multiple of an empty handler: size, modules of Node, time, CPU
  calls   the calls to AWS of each operation, and how many of them one after the other, cold and warm
  cpu     the CPU time of each operation, as a multiple of one signed JWT over node:http
  growth  the same with more users, sessions and actor tokens

Options, after "--":
  --rounds <n>   rounds of each measurement (default: 15)
  --up-to <n>    the largest number of users, live sessions and pending actor tokens (default: 100000)
  --help         print this text`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '15' },
    'up-to': { type: 'string', default: '100000' },
    help: { type: 'boolean', default: false },
  },
});
const unknown = positionals.find((each) => !parts.some((part) => part === each));
const [rounds, upTo] = [Number(values.rounds), Number(values['up-to'])];
if (values.help || unknown !== undefined || !(rounds > 0) || !(upTo >= 100)) {
  console.log(help);
  process.exit(values.help ? 0 : 1);
}
const isAsked = (part: (typeof parts)[number]) => positionals.length === 0 || positionals.includes(part);
const report = (line: string) => console.error(line);

await buildBundles();
// In memory, where the system has such a directory, so that no disk is measured.
const directory = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'bench-'));
const local = await startLocal({
  port: 0,
  dir: join(directory, 'run'),
  fresh: true,
  testKeys: true,
  deliversStreams: false,
  hasStreams: false,
});
const dynamodb = await startFaultProxy(local.dynamodbEndpoint);
const kms = await startFaultProxy(local.kmsEndpoint);
// A cache of compiled code would be one that Lambda does not have.
const { NODE_COMPILE_CACHE: _cache, ...environment } = local.instance.environment;
const behindProxies = {
  ...environment,
  AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
  AWS_ENDPOINT_URL_KMS: kms.endpoint,
};
const rows: Row[] = [];
try {
  if (isAsked('init')) rows.push(...measureInit({ environment, directory, rounds, report }));
  const [host, counted, floor] = [
    await startChild('host.ts', environment),
    await startChild('host.ts', behindProxies),
    await startChild('floor.ts', process.env),
  ];
  const { secretKey, userIds, allowedOrigin } = local.instance;
  const [userId = '', banned = ''] = userIds;
  const target = { endpoint: host.endpoint, secretKey, userId, origin: allowedOrigin };
  if (isAsked('calls'))
    rows.push(...(await countCalls({ proxies: { dynamodb, kms }, environment: behindProxies, target, report })));
  if (isAsked('cpu'))
    for (const [name, ratio] of await measureCpu({ host, floor, target, rounds, report }))
      rows.push(ratioRow(`${name}: CPU ÷ one signed JWT over node:http`, ratio));
  if (isAsked('growth')) {
    const engine = new DynamoDBClient({ endpoint: local.dynamodbEndpoint, region, credentials: localCredentials });
    rows.push(
      ...(await measureGrowth({
        host,
        floor,
        target,
        banned,
        counted: { ...target, endpoint: counted.endpoint },
        proxy: dynamodb,
        engine,
        instance: instanceFrom(environment),
        ticketKeyPem: await readFile(local.instance.ticketKeyPem ?? '', 'utf8'),
        sizes: [100, 1000, 10_000, 100_000].filter((size) => size <= upTo),
        rounds: Math.ceil(rounds / 2),
        report,
      })),
    );
    engine.destroy();
  }
  await Promise.all([host.stop(), counted.stop(), floor.stop()]);
  console.log(`\n${tableOf(rows)}`);
} finally {
  await Promise.all([dynamodb.stop(), kms.stop(), local.stop()]);
  await rm(directory, { recursive: true });
}
