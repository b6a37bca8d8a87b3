// Memory of the processes: samples, and whether it is flat.
import { readFileSync } from 'node:fs';
import { type Checked, checked } from './checked.ts';

export const processNames = ['runtime', 'engine'] as const;
export type ProcessName = (typeof processNames)[number];

/** The resident memory of one process at one time. */
export interface Sample {
  readonly process: ProcessName;
  /** The number of the life: each start of the product begins another one. */
  readonly life: number;
  readonly seconds: number;
  readonly megabytes: number;
}

/** A life grows while its functions start and while V8 sizes their heaps, so only its last part is fitted. */
const FITTED_PART = 0.4;
/** A life whose last part is shorter is still growing up. Its slope is shown and not judged. */
const SHORTEST_JUDGED_IN_SECONDS = 60;

/** The steepest slopes, in megabytes a minute, of memory that counts as flat. */
const steepest: Readonly<Record<ProcessName, number>> = { runtime: 30, engine: 1 };
/** The memory of a life between kills, as a part of that of the uninterrupted life: nothing that is stored makes a process larger. */
const LARGEST_LIFE = 1.25;

/** Returns the resident memory of a process; undefined when there is no such process. Source: proc_pid_status(5), VmRSS. */
export function residentMegabytes(pid: number): number | undefined {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

/**
 * Returns the slope of samples in megabytes a minute: the median of the slopes between all pairs (Theil–Sen), which a few outliers do not
 * move.
 */
export function slopeOf(samples: readonly Sample[]): number {
  const slopes = samples.flatMap((one, position) =>
    samples
      .slice(position + 1)
      .map((other) => ((other.megabytes - one.megabytes) / (other.seconds - one.seconds)) * 60),
  );
  return median(slopes);
}

/** The memory of one process in one life. */
export interface Life {
  readonly process: ProcessName;
  readonly life: number;
  readonly isUninterrupted: boolean;
  readonly seconds: number;
  readonly highest: number;
  /** Megabytes a minute in the last part. */
  readonly slope: number;
  /** The last part is long enough to be judged. */
  readonly isSettled: boolean;
}

/** Returns the lives in their order. The life with this number was left alone until the end. */
export function livesOf(samples: readonly Sample[], uninterrupted: number): readonly Life[] {
  const groups = Map.groupBy(samples, ({ process, life }) => `${life} ${process}`);
  return [...groups.values()].flatMap((ofLife) => {
    const [first, last] = [ofLife[0], ofLife.at(-1)];
    if (!first || !last) return [];
    const seconds = last.seconds - first.seconds;
    const fitted = ofLife.filter((sample) => sample.seconds >= last.seconds - seconds * FITTED_PART);
    return {
      process: first.process,
      life: first.life,
      isUninterrupted: first.life === uninterrupted,
      seconds,
      highest: Math.max(...ofLife.map(({ megabytes }) => megabytes)),
      slope: slopeOf(fitted),
      isSettled: seconds * FITTED_PART >= SHORTEST_JUDGED_IN_SECONDS,
    };
  });
}

/** Checks that no settled life grows, and that no life is larger than the uninterrupted one, if that one is settled. */
export function checkMemory(lives: readonly Life[]): readonly Checked[] {
  const settled = lives.filter(({ isSettled }) => isSettled);
  const uninterrupted = new Map(
    settled.filter(({ isUninterrupted }) => isUninterrupted).map(({ process, highest }) => [process, highest]),
  );
  const compared = lives.filter(({ process }) => uninterrupted.has(process));
  return [
    checked('the memory of a process that runs for minutes is flat', settled, ({ process, life, slope }) =>
      slope <= steepest[process]
        ? undefined
        : `The ${process} grows by ${slope.toFixed(1)} MB a minute in life ${life}.`,
    ),
    checked('no life needs more memory than the uninterrupted one', compared, ({ process, life, highest }) =>
      highest <= LARGEST_LIFE * (uninterrupted.get(process) ?? 0)
        ? undefined
        : `The ${process} needs ${highest.toFixed(0)} MB in life ${life}.`,
    ),
  ];
}
