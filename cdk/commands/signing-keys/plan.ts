import { type EpochMs, plusSeconds } from '../../../shared/base/time.ts';
import type { KeyName } from '../../signing-key.ts';
import { CommandError } from '../errors.ts';
import { formatDuration } from '../format-duration.ts';
import { formatTime } from '../format-time.ts';
import { afterStep, formatList, isSame, type KeyNumbers, newestOf, nextStep, phaseOf, type Step } from './lists.ts';
import type { Waits } from './waits.ts';

/** Everything that decides whether a step of a rotation is allowed now. */
export interface Situation {
  readonly kind: KeyName;
  /** The list in the configuration file. */
  readonly configured: KeyNumbers;
  /** The list in the stack. */
  readonly deployed: readonly number[];
  /** The end of the last deployment of the stack. */
  readonly deployedAt: EpochMs;
  /** The end of the deployment that let the new key sign, if the administrator gave it. */
  readonly signingSince: EpochMs | undefined;
  /** The keys of the stack that are in the JWKS; undefined for keys that are never published. */
  readonly served: readonly number[] | undefined;
  readonly waits: Waits;
  readonly now: EpochMs;
}

/** The steps of a rotation without an emergency. */
export type PlannedStep = Exclude<Step, 'replace'>;

/** A condition of a step, and the message when it does not hold. */
type Rule = readonly [holds: boolean, message: string];

interface Wait {
  readonly since: EpochMs;
  /** The event at `since`, as the beginning of a sentence. */
  readonly event: string;
  readonly seconds: number;
  readonly reason: string;
  readonly now: EpochMs;
}

function waitRule({ since, event, seconds, reason, now }: Wait): Rule {
  const until = plusSeconds(since, seconds);
  const left = formatDuration((until - now) / 1000);
  const sentence = `${event} ${formatTime(since)}, and ${reason} until ${formatTime(until)}: wait ${left} and try again.`;
  return [now >= until, sentence];
}

const LAST_DEPLOYED = 'The stack was last deployed at';

/** Any deployment starts the wait again, unless the administrator gives the time at which the new key began to sign. */
function retireWaitRule({ kind, deployedAt, signingSince, waits, now }: Situation): Rule {
  const reason =
    kind === 'ticket'
      ? 'tickets of the old key, and their sessions, can be live'
      : 'sessions may depend on the old key';
  const wait = { seconds: waits.beforeRetire, reason, now };
  if (signingSince !== undefined && signingSince < deployedAt)
    return waitRule({ ...wait, since: signingSince, event: `The new ${kind} key has signed since` });
  const [holds, message] = waitRule({ ...wait, since: deployedAt, event: LAST_DEPLOYED });
  const hint = 'If the new key has signed for longer, write since when: --signing-since <ISO time>.';
  return [holds, `${message} ${hint}`];
}

function publishRules({ kind, configured }: Situation): readonly Rule[] {
  const phase = phaseOf(configured);
  const list = formatList(configured);
  return [
    [
      phase === 'one',
      `A rotation of the ${kind} keys ${list} is in progress: continue with "${nextStep[phase]} ${kind}".`,
    ],
  ];
}

function signRules({ kind, configured, deployedAt, served, waits, now }: Situation): readonly Rule[] {
  const phase = phaseOf(configured);
  const newest = newestOf(configured);
  const wait = { since: deployedAt, event: LAST_DEPLOYED, seconds: waits.beforeSign, now };
  return [
    [phase !== 'one', `There is no new ${kind} key that could sign: start with "publish ${kind}".`],
    [phase !== 'signing', `The ${kind} key ${newest} signs already: continue with "retire ${kind}".`],
    waitRule({ ...wait, reason: 'verifiers may not know the new key' }),
    [
      served?.includes(newest) ?? true,
      `The ${kind} key ${newest} is not in the JWKS: look for "verification_key" in the log of the function tickets, and try ` +
        'again when the key is in the JWKS.',
    ],
  ];
}

function retireRules(situation: Situation): readonly Rule[] {
  const { kind, configured } = situation;
  const phase = phaseOf(configured);
  const list = formatList(configured);
  return [
    [phase !== 'one', `There is no old ${kind} key to retire: the list is ${list}.`],
    [phase !== 'published', `The new key of the ${kind} keys ${list} does not sign yet: continue with "sign ${kind}".`],
    retireWaitRule(situation),
  ];
}

const rules: Readonly<Record<PlannedStep, (situation: Situation) => readonly Rule[]>> = {
  publish: publishRules,
  sign: signRules,
  retire: retireRules,
};

/**
 * Returns the list after a step.
 *
 * @throws CommandError with the first condition that does not hold, and when it will hold
 */
export function listAfter(step: PlannedStep, situation: Situation): KeyNumbers {
  const { kind, configured, deployed } = situation;
  const isDeployed: Rule = [
    isSame(configured, deployed),
    `The configuration file has the ${kind} keys ${formatList(configured)}, and the stack has ${formatList(deployed)}: deploy ` +
      'the file, or write the list of the stack into it.',
  ];
  const broken = [isDeployed, ...rules[step](situation)].find(([holds]) => !holds);
  if (broken) throw new CommandError(broken[1]);
  return afterStep[step](configured);
}
