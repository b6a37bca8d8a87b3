import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import { writePrivateFile } from './private-file.ts';

const millisecondsPerSecond = 1000;

/** Ten years each way: as far as ids that carry a 32-bit time stay valid. */
export const maximumOffsetSeconds = 315_360_000;

const stored = v.object({ offset_seconds: v.pipe(v.number(), v.integer()) });

export interface ClockReading {
  /** Epoch milliseconds, as the functions see them. */
  readonly now: number;
  readonly offsetSeconds: number;
}

/** The functions' clock: the real one plus an offset that all workers see at once. */
export interface Clock {
  /** The offset in milliseconds as one 64-bit integer. */
  readonly shared: SharedArrayBuffer;
  read(): ClockReading;
  /** Moves the clock by whole seconds. @throws RangeError when it would leave the range of ten years from now. */
  advance(seconds: number): Promise<ClockReading>;
  /** Sets the clock back to the real time. */
  reset(): Promise<ClockReading>;
}

/**
 * Opens the clock with the offset of the last run: stored sessions must not travel back in time at a restart.
 * `onMove` has run before a move is answered.
 */
export async function openClock(path: string, onMove: () => Promise<void>): Promise<Clock> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const shared = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT);
  const offset = new BigInt64Array(shared);

  function read(): ClockReading {
    const milliseconds = Number(Atomics.load(offset, 0));
    return { now: Date.now() + milliseconds, offsetSeconds: milliseconds / millisecondsPerSecond };
  }

  async function move(seconds: number): Promise<ClockReading> {
    if (Math.abs(seconds) > maximumOffsetSeconds) throw new RangeError('The clock moves at most ten years from now.');
    Atomics.store(offset, 0, BigInt(seconds * millisecondsPerSecond));
    await writePrivateFile(path, `${JSON.stringify({ offset_seconds: seconds })}\n`);
    await onMove();
    return read();
  }

  const seconds = text === undefined ? 0 : v.parse(stored, JSON.parse(text)).offset_seconds;
  Atomics.store(offset, 0, BigInt(seconds * millisecondsPerSecond));
  return { shared, read, advance: (by) => move(read().offsetSeconds + by), reset: () => move(0) };
}
