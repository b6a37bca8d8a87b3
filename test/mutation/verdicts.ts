// Reads the outcome of a run of mutants: a table, and the lines that make the run fail.
import type { Mutant } from './mutants.ts';

/** The outcome of one mutant. An explained one survives, and changes nothing that a caller can notice. */
export interface Verdict {
  readonly mutant: Mutant;
  readonly outcome: 'killed' | 'survived' | 'not reached' | 'explained' | 'not run';
}

const outcomes: readonly Verdict['outcome'][] = ['killed', 'explained', 'survived', 'not reached', 'not run'];

const folderOf = ({ mutant }: Verdict) => mutant.file.split('/').slice(0, 2).join('/');

/** Returns the lines of a table with one row for each folder. The score is the share that is killed or explained. */
export function tableOf(verdicts: readonly Verdict[]): readonly string[] {
  const row = (name: string, of: readonly Verdict[]) => {
    const count = (outcome: Verdict['outcome']) => of.filter((each) => each.outcome === outcome).length;
    const ran = of.length - count('not run');
    const score = ran === 0 ? '-' : `${((100 * (count('killed') + count('explained'))) / ran).toFixed(1)} %`;
    const counts = [of.length, ...outcomes.map(count), score];
    return name.padEnd(22) + counts.map((each) => String(each).padStart(13)).join('');
  };
  const heads = ['mutants', ...outcomes, 'score'];
  return [
    'folder'.padEnd(22) + heads.map((head) => head.padStart(13)).join(''),
    ...[...Map.groupBy(verdicts, folderOf)].map(([folder, of]) => row(folder, of)),
    row('all', verdicts),
  ];
}

/** Returns a line for each survivor without an explanation, and for each explanation that explains no survivor. */
export function problemsOf(
  verdicts: readonly Verdict[],
  explained: Readonly<Record<string, string>>,
  mutants: readonly Mutant[],
): readonly string[] {
  const ids = new Set(mutants.map(({ id }) => id));
  const killed = new Set(verdicts.filter(({ outcome }) => outcome === 'killed').map(({ mutant }) => mutant.id));
  const survivors = verdicts.filter(({ outcome }) => outcome === 'survived' || outcome === 'not reached');
  return [
    ...survivors.map(({ mutant: { file, line, before, after, id }, outcome }) => {
      const change = after === '' ? `${before} is removed` : `${before} becomes ${after}`;
      const fate = outcome === 'survived' ? 'survives' : 'is not reached';
      return `${file}:${line} ${fate}: ${change}\n    ${JSON.stringify(id)}: "",`;
    }),
    ...Object.keys(explained).flatMap((id) => {
      if (!ids.has(id)) return [`Nothing has this change any more, so delete its explanation: ${id}`];
      return killed.has(id) ? [`A test notices this change, so delete its explanation: ${id}`] : [];
    }),
  ];
}
