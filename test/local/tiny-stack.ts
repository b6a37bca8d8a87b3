import { mkdtempSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { someEnvironment } from '../support/an-instance.ts';

const root = mkdtempSync(join(tmpdir(), 'actor-tokens-local-'));

/** Creates a directory, which is deleted after the run, when its logs have been searched for secrets. */
export function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(root, 'directory-'));
}

const bundle = `
export const handler = async (event) => {
  const command = event.rawQueryString;
  if (command === 'throw') throw new Error('thrown by the handler');
  if (command === 'hang') await new Promise(() => setInterval(() => {}, 1000));
  if (command === 'exit') process.exit(0);
  if (command === 'log') console.log('logged by the handler');
  if (command === 'slow') await new Promise((resolve) => setTimeout(resolve, 100));
  const body = { event, now: Date.now(), made: new Date().getTime(), pid: process.pid, environment: process.env };
  return {
    statusCode: 200,
    headers: { 'Content-Type': 'application/json' },
    cookies: ['a=1; Path=/', 'b=2; Path=/'],
    body: JSON.stringify(body),
  };
};
`;

function index(attribute: string) {
  const KeySchema = [{ AttributeName: attribute, KeyType: 'HASH' }];
  return { IndexName: `by_${attribute}`, KeySchema, Projection: { ProjectionType: 'ALL' } };
}

function table(name: string, indexes: readonly string[] = []) {
  const attributes = [name === 'SecretKeysTable' ? 'hash' : 'id', ...indexes];
  return {
    Type: 'AWS::DynamoDB::GlobalTable',
    Properties: {
      KeySchema: [{ AttributeName: attributes[0], KeyType: 'HASH' }],
      AttributeDefinitions: attributes.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      BillingMode: 'PAY_PER_REQUEST',
      ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes.map(index) }),
      Replicas: [
        { Region: { Ref: 'AWS::Region' }, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
      ],
    },
  };
}

function variables() {
  return {
    ...someEnvironment,
    FRONTEND_API_URL: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] },
    TICKET_KEY_IDS: { Ref: 'TicketKey' },
    SESSION_KEY_IDS: { 'Fn::GetAtt': ['SessionKey', 'Arn'] },
    ACTOR_TOKENS_TABLE: { Ref: 'ActorTokensTable' },
    SESSIONS_TABLE: { Ref: 'SessionsTable' },
    CLIENTS_TABLE: { Ref: 'ClientsTable' },
    USERS_TABLE: { Ref: 'UsersTable' },
    SECRET_KEYS_TABLE: { Ref: 'SecretKeysTable' },
    BLOCKLIST_TABLE: { Ref: 'BlocklistTable' },
  };
}

/** Returns a statement that allows these actions on a resource with the attribute `Arn`. */
function allow(actions: readonly string[], resource: string, more: object = {}) {
  return { Effect: 'Allow', Action: actions, Resource: { 'Fn::GetAtt': [resource, 'Arn'] }, ...more };
}

function policyDocument(...Statement: readonly object[]) {
  return { Version: '2012-10-17', Statement };
}

const digestsOnly = {
  StringEquals: { 'kms:SigningAlgorithm': 'RSASSA_PKCS1_V1_5_SHA_256', 'kms:MessageType': 'DIGEST' },
};

/** Returns the role of Echo, with policies of its own beside the one that is attached to it. */
function role() {
  const PolicyDocument = policyDocument(
    allow(['dynamodb:GetItem', 'dynamodb:ConditionCheckItem'], 'UsersTable'),
    allow(['dynamodb:PutItem'], 'ActorTokensTable'),
    allow(['kms:Sign'], 'TicketKey', { Condition: digestsOnly }),
    allow(['kms:GetPublicKey'], 'TicketKey'),
  );
  return { Type: 'AWS::IAM::Role', Properties: { Policies: [{ PolicyName: 'Permissions', PolicyDocument }] } };
}

function attachedPolicy(roleId: string, ...statements: readonly object[]) {
  const Properties = { PolicyDocument: policyDocument(...statements), Roles: [{ Ref: roleId }] };
  return { Type: 'AWS::IAM::Policy', Properties };
}

const queryByUser = {
  Effect: 'Allow',
  Action: 'dynamodb:Query',
  Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['SessionsTable', 'Arn'] }, '/index/by_user_id']] },
};

function lambdaFunction(handler: string, roleId: string) {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: { S3Bucket: 'cdk-assets', S3Key: 'aaaa.zip' },
      Handler: handler,
      Role: { 'Fn::GetAtt': [roleId, 'Arn'] },
      Runtime: 'nodejs24.x',
      Timeout: 1,
      MemorySize: 128,
      Environment: { Variables: variables() },
    },
  };
}

function integration(functionId: string) {
  const Properties = {
    ApiId: { Ref: 'Api' },
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: { 'Fn::GetAtt': [functionId, 'Arn'] },
    PayloadFormatVersion: '2.0',
  };
  return { Type: 'AWS::ApiGatewayV2::Integration', Properties };
}

function route(RouteKey: string, integrationId: string) {
  const Target = { 'Fn::Join': ['', ['integrations/', { Ref: integrationId }]] };
  return { Type: 'AWS::ApiGatewayV2::Route', Properties: { ApiId: { Ref: 'Api' }, RouteKey, Target } };
}

/** Returns a template with a function that echoes, one that does not start, and the parts of the product's stack. */
export function tinyTemplate(userIndexes: readonly string[] = []) {
  const Resources = {
    Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'tiny', ProtocolType: 'HTTP' } },
    TicketKey: { Type: 'AWS::KMS::Key', Properties: { KeySpec: 'RSA_2048' } },
    SessionKey: { Type: 'AWS::KMS::Key', Properties: { KeySpec: 'RSA_2048' } },
    ActorTokensTable: table('ActorTokensTable'),
    SessionsTable: table('SessionsTable', ['user_id']),
    ClientsTable: table('ClientsTable'),
    UsersTable: table('UsersTable', userIndexes),
    SecretKeysTable: table('SecretKeysTable'),
    BlocklistTable: table('BlocklistTable'),
    EchoRole: role(),
    EchoPolicy: attachedPolicy('EchoRole', queryByUser),
    BrokenRole: { Type: 'AWS::IAM::Role', Properties: {} },
    BrokenPolicy: attachedPolicy('BrokenRole', allow(['dynamodb:GetItem'], 'ClientsTable')),
    Echo: lambdaFunction('index.handler', 'EchoRole'),
    Broken: lambdaFunction('index.missing', 'BrokenRole'),
    EchoIntegration: integration('Echo'),
    BrokenIntegration: integration('Broken'),
    EchoRoute: route('GET /echo/{word}', 'EchoIntegration'),
    BrokenRoute: route('GET /broken', 'BrokenIntegration'),
    DefaultRoute: route('$default', 'EchoIntegration'),
  };
  return { Resources };
}

/** Writes the tiny stack as the CDK writes an assembly; returns the folder. */
export async function tinyAssembly(userIndexes: readonly string[] = []): Promise<string> {
  const outdir = await temporaryDirectory();
  const assets = { version: '1', files: { aaaa: { source: { path: 'asset.aaaa', packaging: 'zip' } } } };
  await mkdir(join(outdir, 'asset.aaaa'));
  await writeFile(join(outdir, 'asset.aaaa', 'index.mjs'), bundle);
  await writeFile(join(outdir, 'Tiny.template.json'), JSON.stringify(tinyTemplate(userIndexes)));
  await writeFile(join(outdir, 'Tiny.assets.json'), JSON.stringify(assets));
  return outdir;
}
