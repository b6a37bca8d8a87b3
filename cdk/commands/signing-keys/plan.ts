import { type EpochMs, plusSeconds } from '../../../shared/base/time.ts';
import type { KeyName } from '../../signing-key.ts';
import { CommandError } from '../command.ts';
import { afterStep, isSame, type KeyNumbers, newestOf, phaseOf, type Step, spelled } from './lists.ts';
import { duration, type Waits } from './waits.ts';

/** All that decides whether a step of a rotation may be taken now. */
export interface Situation {
  readonly kind: KeyName;
  /** In the configuration file. */
  readonly configured: KeyNumbers;
  /** In the stack. */
  readonly deployed: readonly number[];
  /** When the stack's last deployment ended. */
  readonly deployedAt: EpochMs;
  /** When the deployment that let the new key sign ended, if the caller knows. */
  readonly signingSince: EpochMs | undefined;
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

interface Wait {
  readonly since: EpochMs;
  /** What was at `since`, as the beginning of a sentence. */
  readonly what: string;
  readonly seconds: number;
  readonly why: string;
  readonly now: EpochMs;
}

function waited({ since, what, seconds, why, now }: Wait): Rule {
  const until = plusSeconds(since, seconds);
  const left = duration((until - now) / 1000);
  const [at, end] = [since, until].map((instant) => new Date(instant).toISOString());
  return [now >= until, `${what} ${at}, and ${why} until ${end}: wait ${left} and try again.`];
}

const LAST_DEPLOYED = 'The stack was last deployed at';

/** A deployment after the one that let the new key sign begins the wait anew, unless the caller knows when that one ended. */
function waitedToRetire({ kind, deployedAt, signingSince, waits, now }: Situation): Rule {
  const why = kind === 'ticket' ? 'tickets of the old key may be redeemed' : 'sessions may depend on the old key';
  const wait = { seconds: waits.beforeRetire, why, now };
  if (signingSince !== undefined && signingSince < deployedAt)
    return waited({ ...wait, since: signingSince, what: `The new ${kind} key signs since` });
  const [holds, sentence] = waited({ ...wait, since: deployedAt, what: LAST_DEPLOYED });
  return [holds, `${sentence} If the new key has signed for longer, say since when: --signing-since <ISO time>.`];
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
    const { kind, configured, deployedAt, served, waits, now } = situation;
    const phase = phaseOf(configured);
    const newest = newestOf(configured);
    return [
      [phase !== 'one', `There is no new ${kind} key to sign with: begin with "publish ${kind}".`],
      [phase !== 'signing', `The ${kind} key ${newest} signs already: go on with "retire ${kind}".`],
      waited({
        since: deployedAt,
        what: LAST_DEPLOYED,
        seconds: waits.beforeSign,
        why: 'verifiers may not know the new key',
        now,
      }),
      [
        served?.includes(newest) ?? true,
        `The JWKS does not serve the ${kind} key ${newest}: look for "verification_key" in the log of the function tickets, ` +
          'and try again when it does.',
      ],
    ];
  },
  retire: (situation) => {
    const { kind, configured } = situation;
    const phase = phaseOf(configured);
    return [
      [phase !== 'one', `There is no old ${kind} key to retire: the only one is ${spelled(configured)}.`],
      [
        phase !== 'published',
        `The new ${kind} key does not sign yet, with ${spelled(configured)}: go on with "sign ${kind}".`,
      ],
      waitedToRetire(situation),
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
    `The configuration file has the ${kind} keys ${spelled(configured)} and the stack ${spelled(deployed)}: deploy the file, ` +
      'or write into it what the stack has.',
  ];
  const broken = [isDeployed, ...rules[step](situation)].find(([holds]) => !holds);
  if (broken) throw new CommandError(broken[1]);
  return afterStep[step](configured);
}
