// The intrinsic functions of CloudFormation, for a stack whose physical names are its logical ids.
import * as v from 'valibot';
import { accountId, bucketArn, kmsKeyArn, kmsKeyId, region, roleArn, streamArn } from '../account.ts';
import type { Resolve, Template } from './template.ts';

export interface Deployment {
  readonly template: Template;
  readonly stackName: string;
  /** The value of the attribute `ApiEndpoint`. */
  readonly apiEndpoint: string;
}

const pseudoParameters: Readonly<Record<string, string>> = {
  'AWS::Region': region,
  'AWS::AccountId': accountId,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};

/** The parts of an ARN by the type of a resource: its service, and what precedes the physical name. */
const arns: Readonly<Record<string, readonly [service: string, path: string]>> = {
  'AWS::DynamoDB::Table': ['dynamodb', 'table/'],
  'AWS::DynamoDB::GlobalTable': ['dynamodb', 'table/'],
  'AWS::Lambda::Function': ['lambda', 'function:'],
  'AWS::Logs::LogGroup': ['logs', 'log-group:'],
};

function resource({ template }: Deployment, id: string) {
  const found = template.Resources[id];
  if (!found) throw new Error(`The template has no resource ${id}.`);
  return found;
}

function ref(deployment: Deployment, id: string): unknown {
  if (id === 'AWS::NoValue') return undefined;
  if (id === 'AWS::StackName') return deployment.stackName;
  if (id in pseudoParameters) return pseudoParameters[id];
  const { Type, Properties } = resource(deployment, id);
  if (Type === 'AWS::KMS::Key') return kmsKeyId(id);
  if (Type === 'AWS::KMS::Alias') return resolveIn(deployment, Properties.AliasName);
  return id;
}

function attribute(deployment: Deployment, id: string, name: string): string {
  const { Type } = resource(deployment, id);
  if (Type === 'AWS::ApiGatewayV2::Api' && name === 'ApiEndpoint') return deployment.apiEndpoint;
  if (Type === 'AWS::KMS::Key' && name === 'KeyId') return kmsKeyId(id);
  if (Type === 'AWS::KMS::Key' && name === 'Arn') return kmsKeyArn(kmsKeyId(id));
  if (Type === 'AWS::IAM::Role' && name === 'Arn') return roleArn(id);
  if (Type === 'AWS::S3::Bucket' && name === 'Arn') return bucketArn(id);
  if (Type === 'AWS::DynamoDB::GlobalTable' && name === 'StreamArn') return streamArn(id);
  const arn = arns[Type];
  if (!arn || name !== 'Arn') throw new Error(`The local run does not know the attribute ${name} of ${id} (${Type}).`);
  return `arn:aws:${arn[0]}:${region}:${accountId}:${arn[1]}${id}`;
}

const substitution = v.union([
  v.tuple([v.string(), v.record(v.string(), v.unknown())]),
  v.pipe(
    v.string(),
    v.transform((text): [string, Record<string, unknown>] => [text, {}]),
  ),
]);

function substitute(deployment: Deployment, argument: unknown): string {
  const [text, variables] = v.parse(substitution, argument);
  return text.replace(/\$\{(!?)([^}]+)\}/g, (_match, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (name in variables) return String(resolveIn(deployment, variables[name]));
    const [id = '', ...path] = name.split('.');
    return String(path.length > 0 ? attribute(deployment, id, path.join('.')) : ref(deployment, id));
  });
}

const pair = v.tuple([v.string(), v.string()]);
const joined = v.tuple([v.string(), v.array(v.unknown())]);
const split = v.tuple([v.string(), v.unknown()]);
const selected = v.tuple([v.pipe(v.unknown(), v.transform(Number)), v.unknown()]);

const intrinsics: Readonly<Record<string, (deployment: Deployment, argument: unknown) => unknown>> = {
  Ref: (deployment, argument) => ref(deployment, v.parse(v.string(), argument)),
  'Fn::GetAtt': (deployment, argument) => attribute(deployment, ...v.parse(pair, argument)),
  'Fn::Sub': substitute,
  'Fn::Join': (deployment, argument) => {
    const [separator, parts] = v.parse(joined, argument);
    return parts.map((part) => resolveIn(deployment, part)).join(separator);
  },
  'Fn::Split': (deployment, argument) => {
    const [separator, text] = v.parse(split, argument);
    return String(resolveIn(deployment, text)).split(separator);
  },
  'Fn::Select': (deployment, argument) => {
    const [position, list] = v.parse(selected, argument);
    return resolveIn(deployment, v.parse(v.array(v.unknown()), resolveIn(deployment, list))[position]);
  },
  'Fn::Base64': (deployment, argument) => Buffer.from(String(resolveIn(deployment, argument))).toString('base64'),
};

function resolveIn(deployment: Deployment, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((part) => resolveIn(deployment, part));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [''];
  const intrinsic = intrinsics[name];
  if (entries.length === 1 && intrinsic) return intrinsic(deployment, argument);
  if (entries.length === 1 && name.startsWith('Fn::')) throw new Error(`The local run does not know ${name}.`);
  return Object.fromEntries(entries.map(([key, part]) => [key, resolveIn(deployment, part)]));
}

/**
 * Returns a function that resolves the intrinsic functions of a template as a deployment would.
 *
 * @throws Error from the returned function, with the name of the part that only AWS knows, rather than a wrong value
 */
export function resolver(deployment: Deployment): Resolve {
  return (value) => resolveIn(deployment, value);
}
