// The log of the record, in the template.
import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../cdk/config/config.ts';
import { auditedTables } from '../../shared/audit/audited-tables.ts';
import { nameOf, readable, resourcesOf, synthesized, type Template } from './synthesized.ts';

const audited = synthesized({ audit: 'on' });

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

function statementsOf(template: Template, policy: string): readonly Statement[] {
  const [, found] = resourcesOf(template, 'AWS::IAM::Policy').find(([id]) => nameOf(id) === policy) ?? [];
  return Object(found?.Properties.PolicyDocument).Statement;
}

const only = (template: Template, type: string) => {
  const [[, resource] = [], another] = resourcesOf(template, type);
  expect(another, type).toBeUndefined();
  return resource ?? expect.fail(`There is no ${type}.`);
};

test('without it the stack has no stream, bucket, key or function for it', () => {
  const text = JSON.stringify(synthesized());

  for (const part of ['StreamSpecification', 'AWS::S3::Bucket', 'EventSourceMapping', 'AuditKey', 'events:PutEvents'])
    expect(text).not.toContain(part);
});

test('each audited table has a stream with both images, which invokes the sealer; the others have none', () => {
  const streaming = resourcesOf(audited, 'AWS::DynamoDB::GlobalTable').filter(
    ([, { Properties }]) => Properties.StreamSpecification !== undefined,
  );
  const mapped = resourcesOf(audited, 'AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties);

  expect(streaming.map(([id]) => nameOf(id).replace('Table', '')).sort()).toEqual([...auditedTables].sort());
  for (const [, { Properties }] of streaming)
    expect(Properties.StreamSpecification).toEqual({ StreamViewType: 'NEW_AND_OLD_IMAGES' });
  expect(mapped.map(({ EventSourceArn }) => readable(EventSourceArn)).sort()).toEqual(
    auditedTables.map((table) => `${table}Table.StreamArn`).sort(),
  );
  // Without a bound on retries and age, a batch comes again until its records expire, after 24 hours.
  for (const properties of mapped)
    expect({ ...properties, EventSourceArn: '', FunctionName: readable(properties.FunctionName) }).toEqual({
      BatchSize: 1000,
      EventSourceArn: '',
      FunctionName: 'AuditSealerFunction',
      MaximumBatchingWindowInSeconds: 10,
      StartingPosition: 'TRIM_HORIZON',
    });
});

test('the sealer may read the streams, sign with its key, and write objects and events; nothing else', () => {
  const seen = statementsOf(audited, 'AuditSealerPermissions').map(({ Effect, Action, Resource, Condition }) => [
    Effect,
    [Action].flat().join(' '),
    [Resource].flat().map(readable).join(' '),
    ...(Condition === undefined ? [] : [JSON.stringify(Condition)]),
  ]);
  const digest = '{"StringEquals":{"kms:SigningAlgorithm":"RSASSA_PKCS1_V1_5_SHA_256","kms:MessageType":"DIGEST"}}';

  expect(seen).toEqual([
    [
      'Allow',
      'dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator',
      auditedTables.map((table) => `${table}Table.StreamArn`).join(' '),
    ],
    ['Allow', 'dynamodb:ListStreams', '*'],
    ['Allow', 'kms:GetPublicKey', 'AuditAuditKey.Arn'],
    ['Allow', 'kms:Sign', 'AuditAuditKey.Arn', digest],
    ['Allow', 's3:GetObject s3:PutObject', 'AuditSeals.Arn/seals/* AuditSeals.Arn/head'],
    ['Allow', 's3:ListBucket', 'AuditSeals.Arn'],
    [
      'Allow',
      'events:PutEvents',
      'arn:AWS::Partition:events:AWS::Region:AWS::AccountId:event-bus/default',
      '{"StringEquals":{"events:source":"actor-tokens"}}',
    ],
  ]);
});

test('nobody but the sealer signs with the key of the log, and the sealer signs with no other', () => {
  const keys = resourcesOf(audited, 'AWS::KMS::Key').map(([id, { Properties }]) => {
    const policy = Object(Properties.KeyPolicy).Statement as readonly Statement[];
    const signers = policy.filter(({ Action }) => [Action].flat().includes('kms:Sign'));
    return [
      nameOf(id),
      signers.map(({ Condition }) => readable(Object(Condition).ArnEquals['aws:PrincipalArn'])),
    ] as const;
  });
  const signing = new Map(keys);

  expect(signing.get('AuditAuditKey')).toEqual(['AuditSealerRole.Arn']);
  for (const name of ['TicketKey', 'SessionKey']) expect(signing.get(name)).not.toContain('AuditSealerRole.Arn');
});

describe('the bucket', () => {
  const { Properties, ...policies } = only(audited, 'AWS::S3::Bucket') as ReturnType<typeof only> & {
    readonly DeletionPolicy?: string;
  };

  test('keeps versions, is private, and outlives the stack in every stage', () => {
    expect(Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      ObjectLockEnabled: true,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
    expect(policies).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
  });

  test.each([
    ['governance', 'GOVERNANCE'],
    ['compliance', 'COMPLIANCE'],
  ] as const)('locks each seal in the mode %s for the days of auditRetentionDays', (auditLock, Mode) => {
    const template = synthesized({ audit: 'on', auditLock, auditRetentionDays: 30 });

    expect(only(template, 'AWS::S3::Bucket').Properties.ObjectLockConfiguration).toMatchObject({
      Rule: { DefaultRetention: { Mode, Days: 30 } },
    });
  });

  test('locks nothing with auditLock off', () => {
    const template = synthesized({ audit: 'on', auditLock: 'off' });

    expect(only(template, 'AWS::S3::Bucket').Properties).not.toHaveProperty('ObjectLockConfiguration');
  });

  test('takes no seal under a number that has one, and nothing without TLS', () => {
    const { Statement } = Object(only(audited, 'AWS::S3::BucketPolicy').Properties.PolicyDocument);

    expect(Statement).toEqual([
      expect.objectContaining({
        Effect: 'Deny',
        Action: 's3:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
      expect.objectContaining({
        Effect: 'Deny',
        Action: 's3:PutObject',
        Principal: { AWS: '*' },
        Condition: { Null: { 's3:if-none-match': 'true' } },
      }),
    ]);
    expect(readable(Statement[1].Resource)).toBe('AuditSeals.Arn/seals/*');
  });

  test('can be one in another account, and the stack then has none', () => {
    const template = synthesized({ audit: 'on', auditBucket: 'corp-log-archive' });

    expect(resourcesOf(template, 'AWS::S3::Bucket')).toEqual([]);
    expect(JSON.stringify(statementsOf(template, 'AuditSealerPermissions'))).toContain(
      ':s3:::corp-log-archive/seals/*',
    );
    expect(template.Outputs.AuditBucket?.Value).toBe('corp-log-archive');
  });
});

test('the outputs name the bucket and the keys, by which the command finds the log', () => {
  expect(readable(audited.Outputs.AuditBucket?.Value)).toBe('AuditSeals');
  expect(readable(audited.Outputs.AuditKeyIds?.Value)).toBe('AuditAuditKey');
});

test('a replaced key stays beside the new one', () => {
  const template = synthesized({ audit: 'on', auditKeys: [2, 1] });

  expect(readable(template.Outputs.AuditKeyIds?.Value)).toBe('AuditAuditKey2,AuditAuditKey');
});

test('the profile hardened switches it on, and nobody can delete a seal', () => {
  const operators = { issuers: [{ issuer: 'https://corp.example.com', audience: 'api://actor-tokens' }] };

  expect(parseConfig({ profile: 'hardened', operators })).toMatchObject({ audit: 'on', auditLock: 'compliance' });
});

test('once a day the sealer is invoked without records', () => {
  const rules = resourcesOf(audited, 'AWS::Events::Rule').filter(([id]) => id.startsWith('Audit'));

  expect(rules).toMatchObject([[expect.any(String), { Properties: { ScheduleExpression: 'rate(1 day)' } }]]);
});

describe('restored tables', () => {
  const restored = {
    audit: 'on',
    generation: 2,
    restoredTables: { Sessions: 'actor-tokens-dev-Sessions-g2' },
  } as const;
  const stream =
    'arn:aws:dynamodb:us-east-1:123456789012:table/actor-tokens-dev-Sessions-g2/stream/2026-11-27T00:00:00.000';

  test('without their streams are refused, because their changes would not be sealed', () => {
    expect(() => parseConfig(restored)).toThrow(
      /restoredStreams has no Sessions, so changes of it would not be sealed/,
    );
    expect(() => parseConfig({ ...restored, audit: 'off' })).not.toThrow();
    expect(() => parseConfig({ ...restored, restoredTables: { Users: 'actor-tokens-dev-Users-g2' } })).not.toThrow();
  });

  test('with the stream of another table are refused', () => {
    const restoredStreams = { Sessions: stream.replace('Sessions', 'Clients') };

    expect(() => parseConfig({ ...restored, restoredStreams })).toThrow(
      /restoredStreams\.Sessions is not the stream of/,
    );
  });

  test('invoke the sealer by their own streams', () => {
    const template = synthesized({ ...restored, restoredStreams: { Sessions: stream } });
    const sources = resourcesOf(template, 'AWS::Lambda::EventSourceMapping').map(([, { Properties }]) =>
      readable(Properties.EventSourceArn),
    );

    expect(sources).toContain(stream);
    expect(sources).not.toContain('SessionsTable.StreamArn');
  });
});
