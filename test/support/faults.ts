// Puts fault proxies between the functions in the test's own process and their DynamoDB and KMS. Looking into the tables
// (stored.ts) goes past them.
import { afterAll, inject } from 'vitest';
import { type FaultProxy, startFaultProxy, type Which } from './fault-proxy.ts';
import type { Table } from './stored.ts';

export interface Faults {
  readonly dynamodb: FaultProxy;
  readonly kms: FaultProxy;
}

/** To be called once, before the first request of a test file: the SDK looks for its endpoint then. */
export async function startFaults(): Promise<Faults> {
  const { AWS_ENDPOINT_URL_DYNAMODB = '', AWS_ENDPOINT_URL_KMS = '' } = inject('stack').environment;
  const dynamodb = await startFaultProxy(AWS_ENDPOINT_URL_DYNAMODB);
  const kms = await startFaultProxy(AWS_ENDPOINT_URL_KMS);
  process.env.AWS_ENDPOINT_URL_DYNAMODB = dynamodb.endpoint;
  process.env.AWS_ENDPOINT_URL_KMS = kms.endpoint;
  afterAll(() => Promise.all([dynamodb.stop(), kms.stop()]));
  return { dynamodb, kms };
}

/** Requests of one operation that touch one table and speak of one id. */
export function requestsOf(operation: string, table: Table, about: string, times?: number): Which {
  const name = inject('stack').environment[`${table}_TABLE`];
  return { operation, table: name, about, ...(times === undefined ? {} : { times }) };
}
