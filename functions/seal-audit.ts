/**
 * Seals the changes of the record. DynamoDB's streams deliver them, at least once; a batch that fails is delivered again. A schedule invokes
 * it once a day.
 */
import { sealBatch } from '../shared/audit/seal-batch.ts';
import type { Instance } from '../shared/base/instance.ts';
import { logSealed } from '../shared/base/log.ts';
import { observe } from '../shared/base/metrics.ts';
import { epochMs } from '../shared/base/time.ts';
import { ownInstance } from './own-instance.ts';

/** Handles one batch of a stream. It rejects when the batch has to be delivered again. */
export function sealer(instance: Instance): (event: unknown) => Promise<void> {
  return (event) =>
    observe(async () => {
      const now = epochMs(Date.now());
      const failure = await sealBatch(event, instance, now).then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      logSealed(instance.id, now, failure?.error);
      if (failure) throw failure.error;
    });
}

export const handler = sealer(ownInstance);
