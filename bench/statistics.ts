/** The value below which this part of the values lies, from 0 to 1. */
function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.round(part * (sorted.length - 1))] ?? Number.NaN;
}

/** The middle of some values, and how far they spread. */
export interface Measured {
  readonly median: number;
  /** Nine of ten values lie above. */
  readonly low: number;
  /** Nine of ten values lie below. */
  readonly high: number;
}

export function measured(values: readonly number[]): Measured {
  return { median: quantile(values, 0.5), low: quantile(values, 0.1), high: quantile(values, 0.9) };
}

/** The ratios of values that were measured in the same rounds. */
export function ratios(values: readonly number[], bases: readonly number[]): readonly number[] {
  return values.map((value, round) => value / (bases[round] ?? Number.NaN));
}
