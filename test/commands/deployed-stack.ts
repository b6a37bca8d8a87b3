// A deployed stack, as far as a command can tell: CloudFormation answers with its outputs, and DynamoDB with what it stores.
import { createServer } from 'node:http';
import { inject, onTestFinished } from 'vitest';
import { listenLocally, readAll } from '../../local/aws/server.ts';
import type { RunOptions } from './run.ts';

export interface Reply {
  readonly status: number;
  readonly body: string;
}

export interface DeployedStack {
  /** For a command that is to find it. */
  readonly env: NonNullable<RunOptions['env']>;
  /** `<Region> <name>` of each stack that was asked for. */
  readonly asked: readonly string[];
}

export function outputsOfRunningStack(): Readonly<Record<string, string>> {
  const { environment, baseUrl } = inject('stack');
  const variables = {
    InstanceId: 'INSTANCE_ID',
    Generation: 'GENERATION',
    FrontendApiUrl: 'FRONTEND_API_URL',
    ApplicationName: 'APPLICATION_NAME',
    AuditRetentionDays: 'AUDIT_RETENTION_DAYS',
    MaxTicketLifeInSeconds: 'MAX_TICKET_LIFE_IN_SECONDS',
    MaxSessionDurationInSeconds: 'MAX_SESSION_DURATION_IN_SECONDS',
    TicketKeyIds: 'TICKET_KEY_IDS',
    SessionKeyIds: 'SESSION_KEY_IDS',
    ActorTokensTable: 'ACTOR_TOKENS_TABLE',
    SessionsTable: 'SESSIONS_TABLE',
    ClientsTable: 'CLIENTS_TABLE',
    UsersTable: 'USERS_TABLE',
    SecretKeysTable: 'SECRET_KEYS_TABLE',
  };
  const outputs = Object.entries(variables).map(([output, variable]) => [output, environment[variable] ?? '']);
  return { ApiUrl: baseUrl, Stage: 'dev', ...Object.fromEntries(outputs) };
}

/** CloudFormation's answer. Source: CloudFormation API reference, DescribeStacks. */
export function described(outputs: Readonly<Record<string, string>>): Reply {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  const stack =
    '<StackName>x</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime>' +
    `<StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${members.join('')}</Outputs>`;
  const result = `<DescribeStacksResult><Stacks><member>${stack}</member></Stacks></DescribeStacksResult>`;
  const namespace = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';
  return { status: 200, body: `<DescribeStacksResponse xmlns="${namespace}">${result}</DescribeStacksResponse>` };
}

export function refused(status: number, code: string, message: string): Reply {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, body: `<ErrorResponse>${error}<RequestId>1</RequestId></ErrorResponse>` };
}

/** Until the end of the test. DynamoDB is the running stack's own unless another endpoint of it is given. */
export async function deployedStack(
  reply: Reply = described(outputsOfRunningStack()),
  dynamodbEndpoint = inject('stack').dynamodbEndpoint,
): Promise<DeployedStack> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const form = new URLSearchParams((await readAll(request)).toString());
    const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
    asked.push(`${region} ${form.get('StackName')}`);
    response.writeHead(reply.status, { 'content-type': 'text/xml' }).end(reply.body);
  });
  const { endpoint, stop } = await listenLocally(server, 0);
  onTestFinished(stop);
  const credentials = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_REGION: 'us-east-1' };
  const endpoints = { AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint, AWS_ENDPOINT_URL_DYNAMODB: dynamodbEndpoint };
  return { env: { ...credentials, ...endpoints }, asked };
}
