// A log of the record with an S3, a bus and a KMS of its own, over the wire, in which any request can fail before or after its effect.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBus } from '../../local/aws/events/bus.ts';
import { startKms } from '../../local/aws/kms/kms.ts';
import { answerS3Error, startS3 } from '../../local/aws/s3/s3.ts';
import { listenLocally, type Send, serverOf } from '../../local/aws/server.ts';
import type { AuditEvent } from '../../shared/audit/event.ts';
import { faultOfLink, type Seal, sealFrom } from '../../shared/audit/seal.ts';
import { type Instance, instanceFrom } from '../../shared/base/instance.ts';
import { auditKeysOf } from '../../shared/signing/signing-keys.ts';
import { someEnvironment } from './an-instance.ts';

export const BUCKET = 'log-of-record';
export const AUDIT_KEYS = ['00000000-0000-8000-a000-000000000001', '00000000-0000-8000-a000-000000000002'] as const;

/** The request of S3, of the bus or of KMS that may fail. */
export interface LogRequest {
  /** `PUT /log-of-record/seals/000000000001`, `PutEvents`, or an operation of KMS such as `Sign`. */
  readonly name: string;
}

/**
 * `refuse` and `throttle` fail a request before its effect, and `lose` loses the answer after it. `fail-entry` answers as the bus does when
 * it takes no entry of a request.
 */
export type LogFault = 'refuse' | 'throttle' | 'fail-entry' | 'lose' | undefined;

/** The statuses and codes of the services. S3 has its own. Source: their API references, "Common errors" and "Error responses". */
const failures = {
  refuse: { status: 403, body: { __type: 'AccessDeniedException' }, s3: { status: 403, code: 'AccessDenied' } },
  throttle: { status: 400, body: { __type: 'ThrottlingException' }, s3: { status: 503, code: 'SlowDown' } },
  'fail-entry': {
    status: 200,
    body: { FailedEntryCount: 1, Entries: [{ ErrorCode: 'InternalFailure' }] },
    s3: { status: 500, code: 'InternalError' },
  },
} as const;

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

/** Starts it. `faultOf` decides for each request; no request fails by default. */
export async function startLogOfRecord(keyIds: readonly string[] = [AUDIT_KEYS[0]]) {
  const dir = await mkdtemp(join(tmpdir(), 'log-of-record-'));
  const s3 = await startS3(join(dir, 's3'));
  const bus = await startBus();
  const kms = await startKms(join(dir, 'keys'), AUDIT_KEYS);
  let faultOf: (request: LogRequest) => LogFault = () => undefined;

  const answer: Send = async (request, body, response) => {
    const [service, operation] = String(request.headers['x-amz-target'] ?? '').split('.');
    const send = { AWSEvents: bus.send, TrentService: kms.send }[service ?? ''] ?? s3.send(true);
    const fault = faultOf({ name: operation ?? `${request.method} ${request.url?.split('?')[0]}` });
    if (fault === 'lose') {
      // The effect takes place, and the connection breaks in place of an answer.
      const lost = new Proxy(response, {
        get: (target, name) => {
          if (name === 'end') return () => void target.destroy();
          const value: unknown = Reflect.get(target, name);
          if (name === 'writeHead' || name === 'setHeader') return () => lost;
          return typeof value === 'function' ? value.bind(target) : value;
        },
        set: () => true,
      });
      return send(request, body, lost);
    }
    if (fault === undefined) return send(request, body, response);
    const failure = failures[fault];
    if (operation === undefined)
      return answerS3Error(response, failure.s3.status, failure.s3.code, 'The request failed.');
    response.writeHead(failure.status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(failure.body));
  };

  const { endpoint, stop } = await listenLocally(serverOf(answer), 0);
  const variables = { ...someEnvironment, AUDIT_BUCKET: BUCKET };
  const endpoints = { dynamodb: 'http://127.0.0.1:9', kms: endpoint, s3: endpoint, events: endpoint };
  const instanceWith = (ids: readonly string[]): Instance =>
    instanceFrom(
      { ...variables, AUDIT_KEY_IDS: ids.join(',') },
      { aws: { region: 'us-east-1', credentials, endpoints } },
    );
  const instance = instanceWith(keyIds);
  const sealsDir = join(dir, 's3', BUCKET, 'seals');

  return {
    instance,
    /** Returns the same log with other keys. */
    instanceWith,
    bus,
    /** The directory with an object for each seal. */
    sealsDir,
    failing: (decide: (request: LogRequest) => LogFault) => {
      faultOf = decide;
    },
    /** The texts of all seals, in their order. */
    objects: async (): Promise<readonly string[]> => {
      const names = (await readdir(sealsDir).catch(() => [])).filter((name) => /^\d+$/.test(name)).sort();
      return Promise.all(names.map((name) => readFile(join(sealsDir, name), 'utf8')));
    },
    stop: async () => {
      await stop();
      await kms.stop();
      await bus.stop();
      await s3.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

export type LogOfRecord = Awaited<ReturnType<typeof startLogOfRecord>>;

/** Reads all seals, and throws at the first that is not sound or not in its place. */
export async function readChain({ instance, objects }: LogOfRecord): Promise<readonly Seal[]> {
  const keys = await auditKeysOf(instance).all();
  const seals: Seal[] = [];
  for (const object of await objects()) {
    const seal = await sealFrom(object, keys);
    if ('fault' in seal) throw new Error(`Seal ${seals.length + 1} ${seal.fault}.`);
    const place = { seq: seals.length + 1, prev: seals.at(-1)?.hash ?? null, instanceId: instance.id };
    const fault = faultOfLink(seal, place);
    if (fault) throw new Error(`Seal ${place.seq} ${fault}.`);
    seals.push(seal);
  }
  return seals;
}

/** The ids of events. */
export function idsOf(events: readonly Pick<AuditEvent, 'id'>[]): readonly string[] {
  return events.map(({ id }) => id);
}
