// A deployed stack with signing keys, as `npm run signing-keys` sees it: CloudFormation, KMS and the JWKS answer over the wire.
import { createPublicKey } from 'node:crypto';
import { mkdtemp, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calculateJwkThumbprint } from 'jose';
import { startKms } from '../../local/aws/kms/kms.ts';
import { listenLocally, readAll } from '../../local/aws/server.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { outputsOfRunningStack, stackReply } from './deployed-stack.ts';

const MINUTE_IN_MS = 60_000;

/** The state of the deployed stack. A test changes it. */
export interface Deployed {
  stage: string;
  stackName: string;
  /** The id of the construct; empty in a stack of this project. */
  construct: string;
  session: readonly number[];
  ticket: readonly number[];
  status: string;
  /** The time since the last deployment ended. */
  minutesAgo: number;
  /** The session keys in the JWKS. */
  served: readonly number[];
}

export const DEPLOYED: Deployed = {
  stage: 'dev',
  stackName: 'actor-tokens-dev',
  construct: '',
  session: [1],
  ticket: [1],
  status: 'UPDATE_COMPLETE',
  minutesAgo: 60,
  served: [1],
};

interface StackWithKeys {
  readonly deployed: Deployed;
  /** The AWS variables of a command that is to find the stack. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** CloudFormation's answer. Source: CloudFormation API reference, DescribeStackEvents. */
function eventsReply({ stackName, status, minutesAgo }: Deployed): string {
  const stackId = `arn:aws:cloudformation:us-east-1:123456789012:stack/${stackName}/1`;
  const at = new Date(Date.now() - minutesAgo * MINUTE_IN_MS).toISOString();
  const event = (id: string, eventStatus: string) =>
    `<member><StackId>${stackId}</StackId><EventId>${id}</EventId><StackName>${stackName}</StackName>` +
    `<PhysicalResourceId>${id}</PhysicalResourceId><ResourceStatus>${eventStatus}</ResourceStatus><Timestamp>${at}</Timestamp></member>`;
  const events = [
    event('a-function', 'UPDATE_COMPLETE'),
    event(stackId, status),
    event(stackId, 'UPDATE_IN_PROGRESS'),
  ].join('');
  return `<DescribeStackEventsResponse><DescribeStackEventsResult><StackEvents>${events}</StackEvents></DescribeStackEventsResult></DescribeStackEventsResponse>`;
}

function outputsReply({ stage, session, ticket, construct, stackName }: Deployed, url: string): string {
  const idsOf = (kind: string, numbers: readonly number[]) => numbers.map((number) => `${kind}-${number}`).join(',');
  const outputs = {
    ...outputsOfRunningStack(),
    ApiUrl: url,
    FrontendApiUrl: url,
    Stage: stage,
    MaxTicketLifeInSeconds: '3600',
    TicketKeyIds: idsOf('ticket', ticket),
    SessionKeyIds: idsOf('session', session),
    PublishableKey: 'pk',
    NamePrefix: stackName,
  };
  return stackReply(Object.fromEntries(Object.entries(outputs).map(([name, value]) => [`${construct}${name}`, value])))
    .body;
}

/** KMS with two keys of each kind, whose aliases have their numbers. */
async function startKmsOf(deployed: Deployed, directory: string) {
  const ids = ['session', 'ticket'].flatMap((kind) => [1, 2].map((number) => `${kind}-${number}`));
  const local = await startKms(directory, ids);
  const proxy = await startFaultProxy(local.endpoint);
  proxy.hurt({ operation: 'ListAliases' }, ({ body, answer }) => {
    const alias = `alias/${deployed.stackName}/${String(body.KeyId).replace(/-1$/, '')}`;
    answer({ status: 200, headers: {}, body: Buffer.from(JSON.stringify({ Aliases: [{ AliasName: alias }] })) });
  });
  return { endpoint: proxy.endpoint, stop: () => proxy.stop().then(local.stop) };
}

async function jwk(directory: string, number: number) {
  const key = createPublicKey(await readFile(join(directory, `session-${number}.pem`)));
  return { kid: await calculateJwkThumbprint(key.export({ format: 'jwk' })) };
}

export async function startStackWithKeys(): Promise<StackWithKeys> {
  const directory = await mkdtemp(join(tmpdir(), 'actor-tokens-rotate-'));
  const deployed = { ...DEPLOYED };
  const kms = await startKmsOf(deployed, directory);
  const server = createServer(async (request, response) => {
    const action = new URLSearchParams((await readAll(request)).toString()).get('Action');
    if (action) {
      const isEvents = action === 'DescribeStackEvents';
      const reply = isEvents ? eventsReply(deployed) : outputsReply(deployed, endpoint);
      response.setHeader('content-type', 'text/xml').end(reply);
      return;
    }
    const keys = await Promise.all(deployed.served.map((number) => jwk(directory, number)));
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
  });
  const { endpoint, stop } = await listenLocally(server, 0);
  const env = {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint,
    AWS_ENDPOINT_URL_KMS: kms.endpoint,
  };
  return { deployed, env, stop: () => stop().then(kms.stop) };
}
