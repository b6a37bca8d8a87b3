import { createHash } from 'node:crypto';
import * as v from 'valibot';

export const templateSchema = v.object({
  Resources: v.record(
    v.string(),
    v.object({ Type: v.string(), Properties: v.optional(v.record(v.string(), v.unknown()), {}) }),
  ),
});

export type Template = v.InferOutput<typeof templateSchema>;

/** The values CloudFormation would fill in. */
export interface Surroundings {
  readonly stackName: string;
  readonly apiEndpoint: string;
}

export const region = 'us-east-1';
export const accountId = '000000000000';

const pseudoParameters: Readonly<Record<string, string>> = {
  'AWS::Region': region,
  'AWS::AccountId': accountId,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};

const services: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::Table': 'dynamodb',
  'AWS::DynamoDB::GlobalTable': 'dynamodb',
  'AWS::KMS::Key': 'kms',
  'AWS::Lambda::Function': 'lambda',
  'AWS::Logs::LogGroup': 'logs',
};

const arnPaths: Readonly<Record<string, string>> = {
  dynamodb: 'table/',
  kms: 'key/',
  lambda: 'function:',
  logs: 'log-group:',
};

/** The id of the local KMS key: a UUID as KMS gives, and the same at each start, since the stored PEM carries its name. */
export function kmsKeyId(logicalId: string): string {
  const hex = createHash('sha256').update(`kms:${logicalId}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** The ARN under which local KMS knows a key. */
export function kmsKeyArn(keyId: string): string {
  return `arn:aws:kms:${region}:${accountId}:key/${keyId}`;
}

/** The ARN of a role, by its logical id. */
export function roleArn(logicalId: string): string {
  return `arn:aws:iam::${accountId}:role/${logicalId}`;
}

/**
 * Resolves the intrinsic functions of a template as a deployment would, with physical names that are the logical ids.
 * @throws Error naming the part that a local run cannot know, rather than a wrong value.
 */
export function resolver(template: Template, surroundings: Surroundings): (value: unknown) => unknown {
  function resource(id: string) {
    const found = template.Resources[id];
    if (!found) throw new Error(`The template has no resource ${id}.`);
    return found;
  }

  function ref(id: string): unknown {
    if (id === 'AWS::NoValue') return undefined;
    if (id === 'AWS::StackName') return surroundings.stackName;
    if (id in pseudoParameters) return pseudoParameters[id];
    const { Type, Properties } = resource(id);
    if (Type === 'AWS::KMS::Key') return kmsKeyId(id);
    if (Type === 'AWS::KMS::Alias') return resolve(Properties.AliasName);
    return id;
  }

  function attribute(id: string, name: string): string {
    const { Type } = resource(id);
    if (Type === 'AWS::ApiGatewayV2::Api' && name === 'ApiEndpoint') return surroundings.apiEndpoint;
    if (Type === 'AWS::KMS::Key' && name === 'KeyId') return kmsKeyId(id);
    if (Type === 'AWS::IAM::Role' && name === 'Arn') return roleArn(id);
    const service = services[Type];
    if (service === undefined || name !== 'Arn')
      throw new Error(`The local run does not know the attribute ${name} of ${id} (${Type}).`);
    const physicalId = Type === 'AWS::KMS::Key' ? kmsKeyId(id) : id;
    return `arn:aws:${service}:${region}:${accountId}:${arnPaths[service]}${physicalId}`;
  }

  function substitute(argument: unknown): string {
    const [text, variables] = v.parse(
      v.union([v.tuple([v.string(), v.record(v.string(), v.unknown())]), v.tuple([v.string()])]),
      Array.isArray(argument) ? argument : [argument],
    );
    return text.replace(/\$\{(!?)([^}]+)\}/g, (_match, literal: string, name: string) => {
      if (literal) return `\${${name}}`;
      if (variables && name in variables) return String(resolve(variables[name]));
      const [id = '', ...path] = name.split('.');
      return String(path.length > 0 ? attribute(id, path.join('.')) : ref(id));
    });
  }

  const functions: Readonly<Record<string, (argument: unknown) => unknown>> = {
    Ref: (argument) => ref(v.parse(v.string(), argument)),
    'Fn::GetAtt': (argument) => attribute(...v.parse(v.tuple([v.string(), v.string()]), argument)),
    'Fn::Sub': substitute,
    'Fn::Join': (argument) => {
      const [separator, parts] = v.parse(v.tuple([v.string(), v.array(v.unknown())]), argument);
      return parts.map(resolve).join(separator);
    },
    'Fn::Split': (argument) => {
      const [separator, text] = v.parse(v.tuple([v.string(), v.unknown()]), argument);
      return String(resolve(text)).split(separator);
    },
    'Fn::Select': (argument) => {
      const [index, list] = v.parse(v.tuple([v.pipe(v.unknown(), v.transform(Number)), v.unknown()]), argument);
      return v.parse(v.array(v.unknown()), resolve(list)).map(resolve)[index];
    },
    'Fn::Base64': (argument) => Buffer.from(String(resolve(argument))).toString('base64'),
  };

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value);
    const [name, argument] = entries[0] ?? [''];
    const intrinsic = functions[name];
    if (entries.length === 1 && intrinsic) return intrinsic(argument);
    if (entries.length === 1 && name.startsWith('Fn::')) throw new Error(`The local run does not know ${name}.`);
    return Object.fromEntries(entries.map(([key, part]) => [key, resolve(part)]));
  }

  return resolve;
}
