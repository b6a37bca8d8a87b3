// Finds a short history that violates a rule.
import type { History, Step } from './history.ts';

/** The histories that are a little simpler than this one, the simplest first. */
function* simpler(history: History): Generator<History> {
  const { steps, faults, skews } = history;
  for (let size = steps.length >> 1; size >= 1; size >>= 1)
    for (let start = 0; start < steps.length; start += size) {
      const kept = steps.filter((_, index) => index < start || index >= start + size);
      const ids = new Set(kept.map(({ id }) => id));
      yield { ...history, steps: kept, faults: faults.filter(({ step }) => ids.has(step)) };
    }
  for (const fault of faults) yield { ...history, faults: faults.filter((each) => each !== fault) };
  for (const fault of faults)
    if (fault.times > 1)
      yield { ...history, faults: faults.map((each) => (each === fault ? { ...each, times: 1 } : each)) };
  if (skews.some((skew) => skew !== 0)) yield { ...history, skews: skews.map(() => 0) };
  if (history.policy !== 'none') yield { ...history, policy: 'none' };
  const withStep = (step: Step) => ({ ...history, steps: steps.map((each) => (each.id === step.id ? step : each)) });
  for (const step of steps) if (step.after > 0) yield withStep({ ...step, after: 0 });
  for (const step of steps) if (step.worker > 0) yield withStep({ ...step, worker: step.worker - 1 });
}

/** Removes steps and faults from a history as long as it still fails. */
export async function shrink(history: History, fails: (history: History) => Promise<boolean>): Promise<History> {
  for (const candidate of simpler(history)) if (await fails(candidate)) return shrink(candidate, fails);
  return history;
}
