// Memory of the processes: samples, and whether it is flat.
import { readFileSync } from 'node:fs';
import type { Checked } from './checker.ts';

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

/** A life grows while its functions start and while V8 sizes its heaps, so only its last part is fitted. */
const FITTED_PART = 0.5;
/** A shorter last part is the start of a life. */
const SHORTEST_FIT_IN_SECONDS = 20;

/**
 * The steepest slopes, in megabytes a minute, of memory that counts as flat. A short life is still starting functions, and one
 * collection of garbage tilts its fit. The uninterrupted life at the end has the time in which a leak would show.
 */
export const steepest: Readonly<Record<'betweenKills' | 'uninterrupted', Readonly<Record<ProcessName, number>>>> = {
  betweenKills: { runtime: 60, engine: 10 },
  uninterrupted: { runtime: 12, engine: 2 },
};

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
  /** Megabytes a minute in the last part; undefined for a life that is too short to fit. */
  readonly slope: number | undefined;
}

/** Returns the lives in their order. The life with this number was left alone until the end. */
export function livesOf(samples: readonly Sample[], uninterrupted: number): readonly Life[] {
  const groups = Map.groupBy(samples, ({ process, life }) => `${life} ${process}`);
  return [...groups.values()].flatMap((ofLife) => {
    const [first, last] = [ofLife[0], ofLife.at(-1)];
    if (!first || !last) return [];
    const seconds = last.seconds - first.seconds;
    const fitted = ofLife.filter((sample) => sample.seconds >= last.seconds - seconds * FITTED_PART);
    const isLong = seconds * FITTED_PART >= SHORTEST_FIT_IN_SECONDS;
    return {
      process: first.process,
      life: first.life,
      isUninterrupted: first.life === uninterrupted,
      seconds,
      highest: Math.max(...ofLife.map(({ megabytes }) => megabytes)),
      slope: isLong ? slopeOf(fitted) : undefined,
    };
  });
}

/** Checks that no life that is long enough to fit grows. */
export function checkMemory(lives: readonly Life[]): Checked {
  const fitted = lives.filter(({ slope }) => slope !== undefined);
  return {
    rule: 'the memory of the runtime and of the engine is flat',
    cases: fitted.length,
    violations: fitted.flatMap(({ process, life, isUninterrupted, slope = 0 }) => {
      const limit = steepest[isUninterrupted ? 'uninterrupted' : 'betweenKills'][process];
      return slope <= limit ? [] : [`The ${process} grows by ${slope.toFixed(1)} MB a minute in life ${life}.`];
    }),
  };
}
