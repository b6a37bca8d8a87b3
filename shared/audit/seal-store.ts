// The seals in their bucket.
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { awsClientOptions } from '../base/aws-client.ts';
import { type Instance, perInstance } from '../base/instance.ts';
import { type EpochMs, epochMs } from '../base/time.ts';
import { sealKey } from './seal.ts';

const s3Of = perInstance((instance) => new S3Client(awsClientOptions(instance, 's3')));

/** The object with the number of a recent seal. It is a hint: nothing depends on it but the time in which the last seal is found. */
const HINT = 'head';

/** An object, with the time at which S3 stored it. */
export interface StoredSeal {
  readonly text: string;
  readonly storedAt: EpochMs;
}

/** @throws Error where the audit is off */
function bucketOf({ audit }: Instance): string {
  if (!audit) throw new Error('The audit of this instance is off.');
  return audit.bucket;
}

/**
 * Resolves to `undefined` when the object does not exist. S3 answers 404 to a caller that may list the bucket, and 403 to every other one,
 * which is an error.
 */
async function unlessMissing<Output>(answer: Promise<Output>): Promise<Output | undefined> {
  return answer.catch((error: unknown) => {
    if (error instanceof Error && (error.name === 'NoSuchKey' || error.name === 'NotFound')) return undefined;
    throw error;
  });
}

async function getObject(instance: Instance, key: string): Promise<GetObjectCommandOutput | undefined> {
  return unlessMissing(s3Of(instance).send(new GetObjectCommand({ Bucket: bucketOf(instance), Key: key })));
}

/** The object of a seal; undefined when there is none with this number. */
export async function getSeal(instance: Instance, seq: number): Promise<StoredSeal | undefined> {
  const object = await getObject(instance, sealKey(seq));
  if (!object?.Body) return undefined;
  return { text: await object.Body.transformToString(), storedAt: epochMs(object.LastModified?.getTime() ?? 0) };
}

async function hasSeal(instance: Instance, seq: number): Promise<boolean> {
  const command = new HeadObjectCommand({ Bucket: bucketOf(instance), Key: sealKey(seq) });
  return (await unlessMissing(s3Of(instance).send(command))) !== undefined;
}

/** The number of the hint; 0 when there is none. */
async function hintOf(instance: Instance): Promise<number> {
  const object = await getObject(instance, HINT);
  const number = Number(await object?.Body?.transformToString());
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

/**
 * The number of the last seal; 0 when there is none. It asks upwards from the hint in steps that double, then halves the last step. A wrong
 * hint costs time, and nothing else.
 */
export async function findHead(instance: Instance): Promise<number> {
  const hint = await hintOf(instance);
  let known = hint > 0 && (await hasSeal(instance, hint)) ? hint : 0;
  let step = 1;
  while (await hasSeal(instance, known + step)) {
    known += step;
    step *= 2;
  }
  let missing = known + step;
  while (missing - known > 1) {
    const middle = Math.floor((known + missing) / 2);
    if (await hasSeal(instance, middle)) known = middle;
    else missing = middle;
  }
  return known;
}

/** Writes the hint. Two writers can overtake each other, which does no harm. */
export async function putHint(instance: Instance, seq: number): Promise<void> {
  await s3Of(instance).send(new PutObjectCommand({ Bucket: bucketOf(instance), Key: HINT, Body: String(seq) }));
}

/**
 * Stores a seal, unless there is one with its number. Resolves to `false` then, also when a lost answer was that of this write.
 *
 * @throws the error of S3
 */
export async function putSeal(instance: Instance, seq: number, text: string): Promise<boolean> {
  const command = new PutObjectCommand({
    Bucket: bucketOf(instance),
    Key: sealKey(seq),
    Body: text,
    ContentType: 'application/x-ndjson',
    IfNoneMatch: '*',
  });
  return s3Of(instance)
    .send(command)
    .then(
      () => true,
      (error: unknown) => {
        if (error instanceof Error && error.name === 'PreconditionFailed') return false;
        throw error;
      },
    );
}
