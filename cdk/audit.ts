import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { AnyPrincipal, Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, type Function as LambdaFunction, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Aws, Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { auditedTables } from '../shared/audit/audited-tables.ts';
import { EVENT_SOURCE } from '../shared/audit/event.ts';
import { SEALER } from './bundle/bundle.ts';
import type { Config } from './config/schema.ts';
import type { FunctionEnvironment } from './environment.ts';
import { ProductFunction } from './product-function.ts';
import { protectionOf } from './protection.ts';
import { createAuditKeys, RS256_OVER_A_DIGEST, type SigningKey } from './signing-key.ts';
import type { Tables } from './tables.ts';

interface AuditProps {
  readonly config: Config;
  readonly tables: Tables;
  readonly environment: FunctionEnvironment;
}

/** The objects that the sealer writes. */
const OBJECTS = ['seals/*', 'head'];

/** The retention of a seal, from the moment at which it is stored. */
function lockOf({ auditLock, auditRetentionDays }: Config) {
  if (auditLock === 'off') return {};
  return { objectLockDefaultRetention: ObjectLockRetention[auditLock](Duration.days(auditRetentionDays)) };
}

/** Creates the bucket of the log. It is kept when the stack is deleted, protected or not, because a log outlives what it tells of. */
function createBucket(scope: Construct, config: Config): Bucket {
  const bucket = new Bucket(scope, 'Seals', {
    versioned: true,
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    ...lockOf(config),
  });
  // Nobody stores a seal under a number that has one. Source: Amazon S3 user guide, "Enforce conditional writes".
  bucket.addToResourcePolicy(
    new PolicyStatement({
      sid: 'SealsAreNotReplaced',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      actions: ['s3:PutObject'],
      resources: [bucket.arnForObjects('seals/*')],
      conditions: { Null: { 's3:if-none-match': 'true' } },
    }),
  );
  Validations.of(bucket).acknowledge({
    id: 'AwsSolutions-S1',
    reason:
      'Access to the log is recorded by CloudTrail, as docs/audit.md says. Server access logs would need a bucket of their own.',
  });
  return bucket;
}

/** The ARNs of the streams, each with the name of its table. */
function streamsOf(tables: Tables) {
  return auditedTables.map((table) => {
    const { tableStreamArn: arn } = tables[table];
    if (arn === undefined) throw new Error(`The table ${table} has no stream.`);
    return { table, arn };
  });
}

/**
 * The log of the record: a function that the streams of the tables invoke, a key that only this function may use, and a bucket in which
 * nothing is replaced. No request waits for it.
 */
export class Audit extends Construct {
  readonly bucket: Pick<IBucket, 'bucketName' | 'bucketArn' | 'arnForObjects'>;
  /** The first one signs, all verify. */
  readonly keys: readonly [SigningKey, ...SigningKey[]];
  readonly sealer: LambdaFunction;
  readonly role: Role;

  constructor(scope: Construct, id: string, { config, tables, environment }: AuditProps) {
    super(scope, id);
    this.bucket =
      config.auditBucket === undefined
        ? createBucket(this, config)
        : Bucket.fromBucketName(this, 'LogArchive', config.auditBucket);
    this.keys = createAuditKeys(this, config);
    // The sealer judges nothing, so operators and policy are not beside it.
    const { AUTHORITY_FILE: _authority, ...variables } = environment;
    const streams = streamsOf(tables);
    const created = new ProductFunction(this, 'Sealer', {
      lambda: SEALER,
      authority: undefined,
      environment: { ...variables, ...this.variables },
      statements: this.statements(streams.map(({ arn }) => arn)),
      protection: protectionOf(config),
      timeoutInSeconds: 60,
    });
    for (const resource of ['*', `${this.arnInFindings(config)}/seals/*`])
      Validations.of(created).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${resource}]`,
        reason: 'The sealer writes objects whose numbers it does not know yet, and ListStreams has no resource.',
      });
    this.sealer = created.fn;
    this.role = created.role;
    for (const key of this.keys) key.allowSigning(this.role);
    for (const { table, arn } of streams)
      new EventSourceMapping(this, `${table}Stream`, {
        target: this.sealer,
        eventSourceArn: arn,
        startingPosition: StartingPosition.TRIM_HORIZON,
        batchSize: 1000,
        maxBatchingWindow: Duration.seconds(10),
      });
    // An empty seal each day shows that the log is not cut off.
    const daily = new Rule(this, 'Daily', { schedule: Schedule.rate(Duration.days(1)) });
    daily.addTarget(new LambdaTarget(this.sealer));
  }

  /** The variables by which a function or a command finds the log. */
  get variables() {
    return { AUDIT_BUCKET: this.bucket.bucketName, AUDIT_KEY_IDS: this.keys.map(({ keyId }) => keyId).join(',') };
  }

  /** The ARN of the bucket as cdk-nag writes it: it names each resource that it finds. */
  private arnInFindings({ auditBucket }: Config): string {
    if (auditBucket !== undefined) return `arn:<AWS::Partition>:s3:::${auditBucket}`;
    const { 'Fn::GetAtt': [logicalId] = [] } = Object(Stack.of(this).resolve(this.bucket.bucketArn));
    return `<${logicalId}.Arn>`;
  }

  /** All permissions of the sealer, besides writing its own log. */
  private statements(streams: readonly string[]): PolicyStatement[] {
    const keys = this.keys.map(({ keyArn }) => keyArn);
    return [
      new PolicyStatement({
        actions: ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
        resources: [...streams],
      }),
      // The action has no resource. Source: Service Authorization Reference, Amazon DynamoDB.
      new PolicyStatement({ actions: ['dynamodb:ListStreams'], resources: ['*'] }),
      new PolicyStatement({ actions: ['kms:GetPublicKey'], resources: keys }),
      new PolicyStatement({
        actions: ['kms:Sign'],
        resources: keys,
        conditions: { StringEquals: RS256_OVER_A_DIGEST },
      }),
      new PolicyStatement({
        actions: ['s3:GetObject', 's3:PutObject'],
        resources: OBJECTS.map((objects) => this.bucket.arnForObjects(objects)),
      }),
      // Without it, S3 answers 403 for a seal that does not exist.
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] }),
      new PolicyStatement({
        actions: ['events:PutEvents'],
        resources: [`arn:${Aws.PARTITION}:events:${Aws.REGION}:${Aws.ACCOUNT_ID}:event-bus/default`],
        conditions: { StringEquals: { 'events:source': EVENT_SOURCE } },
      }),
    ];
  }
}
