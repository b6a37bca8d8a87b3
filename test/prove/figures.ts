// The figures that a run of the checks below test/prove reaches. `npm run prove` prints them in one table.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import * as v from 'valibot';

/** True in `npm run prove`, which runs the long form of each check; false in `npm test`, which runs the quick form. */
export const isLong = process.env.PROVE_FIGURES !== undefined;

const figureSchema = v.object({
  /** The check, as docs/assurance.md names it. */
  check: v.string(),
  /** The number of cases that ran, with their unit: "10,000 seeds". */
  cases: v.string(),
  /** The number of cases that violate a rule. */
  violations: v.number(),
});

export type Figure = v.InferOutput<typeof figureSchema>;

/** Adds a figure to the table that `npm run prove` prints. The quick forms add to no table. */
export function recordFigure(figure: Figure): void {
  const file = process.env.PROVE_FIGURES;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(figure)}\n`);
}

/** Returns the figures of a run in the order in which they were recorded. */
export function readFigures(file: string): readonly Figure[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => v.parse(figureSchema, JSON.parse(line)));
}
