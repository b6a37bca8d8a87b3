// A deployed stack, as far as a command can see: CloudFormation answers with its outputs, and DynamoDB with what it stores.
import { createServer } from 'node:http';
import { inject, onTestFinished } from 'vitest';
import { outputNameOf } from '../../cdk/output-name.ts';
import { outputVariables } from '../../cdk/outputs.ts';
import { listenLocally, readAll } from '../../local/aws/server.ts';

interface Reply {
  readonly status: number;
  readonly body: string;
}

interface DeployedStack {
  /** The AWS variables of a command that is to find the stack. */
  readonly env: Readonly<Record<string, string>>;
  /** `<Region> <name>` of each stack that was requested. */
  readonly requested: readonly string[];
}

export function outputsOfRunningStack(): Readonly<Record<string, string>> {
  const { environment, baseUrl } = inject('stack');
  const outputs = outputVariables.map((variable) => [outputNameOf(variable), environment[variable] ?? '']);
  return { ApiUrl: baseUrl, Stage: 'dev', ...Object.fromEntries(outputs) };
}

/** CloudFormation's answer with these outputs. Source: CloudFormation API reference, DescribeStacks. */
export function stackReply(outputs: Readonly<Record<string, string>>, status = 'CREATE_COMPLETE'): Reply {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  const stack =
    '<StackName>x</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime>' +
    `<StackStatus>${status}</StackStatus><Outputs>${members.join('')}</Outputs>`;
  const result = `<DescribeStacksResult><Stacks><member>${stack}</member></Stacks></DescribeStacksResult>`;
  const namespace = 'http://cloudformation.amazonaws.com/doc/2010-05-15/';
  return { status: 200, body: `<DescribeStacksResponse xmlns="${namespace}">${result}</DescribeStacksResponse>` };
}

export function errorReply(status: number, code: string, message: string): Reply {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return { status, body: `<ErrorResponse>${error}<RequestId>1</RequestId></ErrorResponse>` };
}

/** CloudFormation's answer with this template. Source: CloudFormation API reference, GetTemplate. */
export function templateReply(template: string): Reply {
  const text = template.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const result = `<GetTemplateResult><TemplateBody>${text}</TemplateBody></GetTemplateResult>`;
  return { status: 200, body: `<GetTemplateResponse>${result}</GetTemplateResponse>` };
}

/** The answer of STS to the credentials of this account. Source: STS API reference, GetCallerIdentity. */
export function callerReply(account: string): Reply {
  const arn = `arn:aws:iam::${account}:user/operator`;
  const result = `<GetCallerIdentityResult><Arn>${arn}</Arn><UserId>A</UserId><Account>${account}</Account></GetCallerIdentityResult>`;
  return { status: 200, body: `<GetCallerIdentityResponse>${result}</GetCallerIdentityResponse>` };
}

/**
 * Lasts until the end of the test. DynamoDB is that of the running stack unless another endpoint of it is given. Some actions may have
 * a reply of their own.
 */
export async function deployedStack(
  reply: Reply = stackReply(outputsOfRunningStack()),
  dynamodbEndpoint = inject('stack').dynamodbEndpoint,
  replies: Readonly<Record<string, Reply>> = {},
): Promise<DeployedStack> {
  const requested: string[] = [];
  const server = createServer(async (request, response) => {
    const form = new URLSearchParams((await readAll(request)).toString());
    const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
    requested.push(`${region} ${form.get('StackName')}`);
    const { status, body } = replies[form.get('Action') ?? ''] ?? reply;
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
  });
  const { endpoint, stop } = await listenLocally(server, 0);
  onTestFinished(stop);
  const credentials = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_REGION: 'us-east-1' };
  const endpoints = {
    AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodbEndpoint,
    AWS_ENDPOINT_URL_STS: endpoint,
  };
  return { env: { ...credentials, ...endpoints }, requested };
}
