import type { Measured } from './statistics.ts';

/** One figure. */
export interface Row {
  readonly what: string;
  readonly figure: string;
  /** Where nine of ten and one of ten runs lie; empty for a figure that does not depend on the machine. */
  readonly spread: string;
  readonly goal: string;
}

/** A ratio with its spread, and whether it reaches its goal. */
export function ratioRow(what: string, { median, low, high }: Measured, goal?: number): Row {
  const figure = median.toFixed(2);
  return {
    what,
    figure,
    spread: `${low.toFixed(2)} to ${high.toFixed(2)}`,
    goal: goal === undefined ? '' : `${goal.toFixed(2)} at most: ${Number(figure) <= goal ? 'met' : 'not met'}`,
  };
}

/** A figure that is the same in every run. */
export function countRow(what: string, figure: string | number): Row {
  return { what, figure: String(figure), spread: '', goal: '' };
}

/** The rows as one Markdown table. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [
    ['What', 'Figure', 'Spread', 'Goal'],
    ...rows.map(({ what, figure, spread, goal }) => [what, figure, spread, goal]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const [head = '', ...lines] = cells.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  return [head, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...lines].join('\n');
}
