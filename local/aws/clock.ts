import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { writePrivateFile } from './private-file.ts';

const MS_PER_SECOND = 1000;

/** Ten years each way: the range in which an id that carries a 32-bit time stays valid. */
export const MAX_OFFSET_IN_SECONDS = 315_360_000;

const storedSchema = v.object({ offset_seconds: v.pipe(v.number(), v.integer()) });

export interface ClockReading {
  /** Epoch milliseconds, as the functions see them. */
  readonly now: number;
  readonly offsetSeconds: number;
}

/** The functions' clock: the real clock plus an offset that all workers share. */
export interface Clock {
  /** The offset in milliseconds as one 64-bit integer. */
  readonly shared: SharedArrayBuffer;
  read(): ClockReading;
  /** Moves the clock by whole seconds. @throws RangeError when the offset would exceed ten years. */
  advance(seconds: number): Promise<ClockReading>;
  /** Sets the clock back to the real time. */
  reset(): Promise<ClockReading>;
}

/**
 * Opens the clock with the offset that is stored in a file, so that stored times are not in the future after a restart. A move
 * is stored before it is answered.
 */
export async function openClock(path: string): Promise<Clock> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const shared = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  const offset = new BigInt64Array(shared);

  function read(): ClockReading {
    const milliseconds = Number(Atomics.load(offset, 0));
    return { now: Date.now() + milliseconds, offsetSeconds: milliseconds / MS_PER_SECOND };
  }

  async function move(seconds: number): Promise<ClockReading> {
    if (Math.abs(seconds) > MAX_OFFSET_IN_SECONDS) throw new RangeError('The clock moves at most ten years from now.');
    Atomics.store(offset, 0, BigInt(seconds * MS_PER_SECOND));
    await writePrivateFile(path, `${JSON.stringify({ offset_seconds: seconds })}\n`);
    return read();
  }

  const seconds = text === undefined ? 0 : v.parse(storedSchema, JSON.parse(text)).offset_seconds;
  Atomics.store(offset, 0, BigInt(seconds * MS_PER_SECOND));
  return { shared, read, advance: (by) => move(read().offsetSeconds + by), reset: () => move(0) };
}
