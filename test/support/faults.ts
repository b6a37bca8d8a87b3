// Puts fault proxies between the functions in the test's own process and their DynamoDB and KMS. Tests that read the tables
// (stored.ts) bypass the proxies.
import { afterAll, inject } from 'vitest';
import { after, type FaultProxy, type Hurt, startFaultProxy, type Which } from './fault-proxy.ts';
import { restartSharedApi } from './http.ts';
import type { Table } from './stored.ts';

export interface Faults {
  readonly dynamodb: FaultProxy;
  readonly kms: FaultProxy;
}

/**
 * Starts the proxies, and the functions of this process anew behind them: with caches that are empty and SDK clients that have not
 * yet used up what they spend on retries. At the end of the test file the functions start once more, without the proxies.
 */
export async function startFaults(): Promise<Faults> {
  const { AWS_ENDPOINT_URL_DYNAMODB = '', AWS_ENDPOINT_URL_KMS = '' } = inject('stack').environment;
  const dynamodb = await startFaultProxy(AWS_ENDPOINT_URL_DYNAMODB);
  const kms = await startFaultProxy(AWS_ENDPOINT_URL_KMS);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
    AWS_ENDPOINT_URL_KMS: kms.endpoint,
  });
  restartSharedApi();
  afterAll(async () => {
    Object.assign(process.env, { AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL_KMS });
    restartSharedApi();
    await Promise.all([dynamodb.stop(), kms.stop()]);
  });
  return { dynamodb, kms };
}

/** Lets something happen before each of these requests reaches the engine. It is told how many they are by then. */
export function overtake(proxy: FaultProxy, which: Which, happen: (times: number) => Promise<unknown>): Hurt {
  const hurt = proxy.hurt(which, (exchange) => after(() => happen(hurt.hits))(exchange));
  return hurt;
}

/** Selects the requests of one operation that touch one table and contain one id. */
export function requestsOf(operation: string, table: Table, about: string, times?: number): Which {
  const name = inject('stack').environment[`${table}_TABLE`];
  return { operation, table: name, about, ...(times === undefined ? {} : { times }) };
}
