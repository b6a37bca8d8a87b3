import { type EpochMs, plusSeconds } from '../../shared/time.ts';
import type { KeyName } from '../signing-key.ts';
import { CommandError } from './command.ts';
import { afterStep, isSame, type KeyNumbers, newestOf, phaseOf, type Step, spelled } from './signing-keys-lists.ts';
import { duration, type Waits } from './signing-keys-waits.ts';

/** All that decides whether a step of a rotation may be taken now. */
export interface Situation {
  readonly kind: KeyName;
  /** In cdk.json. */
  readonly configured: KeyNumbers;
  /** In the stack. */
  readonly deployed: readonly number[];
  /** When the stack's last deployment ended. */
  readonly deployedAt: EpochMs;
  /** Keys of the stack that the JWKS serves; undefined for keys that are never published. */
  readonly served: readonly number[] | undefined;
  readonly waits: Waits;
  readonly now: EpochMs;
}

/** All but the emergency. */
export type PlannedStep = Exclude<Step, 'replace'>;

const continuation = { published: 'sign', signing: 'retire' } as const;

/** One of a step's conditions, with what to say when it does not hold. */
type Rule = readonly [holds: boolean, sentence: string];

function waited({ deployedAt, now }: Situation, seconds: number, why: string): Rule {
  const until = plusSeconds(deployedAt, seconds);
  const left = duration((until - now) / 1000);
  const [at, end] = [deployedAt, until].map((instant) => new Date(instant).toISOString());
  return [now >= until, `The stack was last deployed at ${at}, and ${why} until ${end}: wait ${left} and try again.`];
}

/** In order: the first that does not hold is told. */
const rules: Readonly<Record<PlannedStep, (situation: Situation) => readonly Rule[]>> = {
  publish: ({ kind, configured }) => {
    const phase = phaseOf(configured);
    const next = phase === 'one' ? '' : continuation[phase];
    return [
      [
        phase === 'one',
        `A rotation of ${kind} keys is under way, with ${spelled(configured)}: go on with "${next} ${kind}".`,
      ],
    ];
  },
  sign: (situation) => {
    const { kind, configured, served, waits } = situation;
    const phase = phaseOf(configured);
    const newest = newestOf(configured);
    return [
      [phase !== 'one', `There is no new ${kind} key to sign with: begin with "publish ${kind}".`],
      [phase !== 'signing', `The ${kind} key ${newest} signs already: go on with "retire ${kind}".`],
      waited(situation, waits.beforeSign, 'verifiers may not know the new key'),
      [
        served?.includes(newest) ?? true,
        `The JWKS does not serve the ${kind} key ${newest}: look for "verification_key" in the log of the function public, ` +
          'and try again when it does.',
      ],
    ];
  },
  retire: (situation) => {
    const { kind, configured, waits } = situation;
    const phase = phaseOf(configured);
    const why = kind === 'ticket' ? 'tickets of the old key may be redeemed' : 'sessions may depend on the old key';
    return [
      [phase !== 'one', `There is no old ${kind} key to retire: the only one is ${spelled(configured)}.`],
      [
        phase !== 'published',
        `The new ${kind} key does not sign yet, with ${spelled(configured)}: go on with "sign ${kind}".`,
      ],
      waited(situation, waits.beforeRetire, why),
    ];
  },
};

/**
 * The list after a step.
 *
 * @throws CommandError when it must not be taken now: one sentence that says what is wrong and when it will be right
 */
export function listAfter(step: PlannedStep, situation: Situation): KeyNumbers {
  const { kind, configured, deployed } = situation;
  const isDeployed: Rule = [
    isSame(configured, deployed),
    `cdk.json has the ${kind} keys ${spelled(configured)} and the stack ${spelled(deployed)}: deploy what cdk.json has, or ` +
      'write into it what the stack has.',
  ];
  const broken = [isDeployed, ...rules[step](situation)].find(([holds]) => !holds);
  if (broken) throw new CommandError(broken[1]);
  return afterStep[step](configured);
}
