// Runs histories until one violates a rule, and reports it.
import { type Focus, type History, randomHistory } from './history.ts';
import { asItIs, type Beginning, runHistory } from './run.ts';
import { shrink } from './shrink.ts';
import type { Weakening } from './world.ts';

/** Returns the report of a history that fails: the rule, the shortest history that still fails, and the line that replays it. */
export async function reportOf(history: History, beginning: Beginning, weakening: Weakening = asItIs): Promise<string> {
  const violationOf = async (each: History) => (await runHistory(each, beginning, { weakening })).violation;
  const shortest = await shrink(history, async (each) => (await violationOf(each)) !== undefined);
  const { violation, lines } = await runHistory(shortest, beginning, { weakening });
  return [`${violation}`, ...lines].join('\n');
}

/** A violation that a search has found. */
interface Found {
  /** The number of histories that were run. */
  readonly runs: number;
  readonly history: History;
  readonly violation: string;
}

/** Runs the histories of the first seeds until one of them violates a rule. */
export async function firstViolation(
  beginning: Beginning,
  {
    weakening = asItIs,
    focus,
    most,
  }: { readonly weakening?: Weakening; readonly focus?: Focus; readonly most: number },
): Promise<Found | undefined> {
  for (let seed = 1; seed <= most; seed += 1) {
    const history = randomHistory(seed, focus);
    const { violation } = await runHistory(history, beginning, { weakening });
    if (violation !== undefined) return { runs: seed, history, violation };
  }
  return undefined;
}
