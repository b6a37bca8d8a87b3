import * as v from 'valibot';
import type { EpochMs } from '../../../shared/base/time.ts';
import type { ConfigFile } from '../../config/config-file.ts';
import type { KeyName } from '../../signing-key.ts';
import { fetchLastDeploymentEnd } from '../cloud-formation.ts';
import { CommandError } from '../errors.ts';
import { readDeploymentConfig } from '../read-deployment-config.ts';
import { type DeployedTarget, findDeployedTarget, type StackChoice } from '../target.ts';
import { type DeployedKey, describeKeys } from './deployed-keys.ts';
import type { KeyNumbers } from './lists.ts';
import type { Situation } from './plan.ts';
import { waitsOf } from './waits.ts';

/** The signing keys in the configuration and in the stack. */
export interface Rotation {
  /** Undefined for an instance that is a construct of another app: its props are in the code of that app. */
  readonly file: ConfigFile | undefined;
  readonly configured: Readonly<Record<KeyName, KeyNumbers>>;
  readonly target: DeployedTarget;
  readonly deployed: Readonly<Record<KeyName, readonly DeployedKey[]>>;
}

function numbersOf([first, ...others]: readonly DeployedKey[]): KeyNumbers {
  if (!first) throw new CommandError('The stack has no signing keys: deploy it again.');
  return [first.number, ...others.map(({ number }) => number)];
}

/** @throws UsageError, CommandError */
export async function readRotation(choice: StackChoice): Promise<Rotation> {
  const target = await findDeployedTarget(choice);
  const [ticket, session] = await Promise.all([describeKeys('ticket', target), describeKeys('session', target)]);
  const deployed = { ticket, session };
  // The present props of another app cannot be read, so the commands print the new ones.
  if (target.construct !== '')
    return {
      file: undefined,
      configured: { ticket: numbersOf(ticket), session: numbersOf(session) },
      target,
      deployed,
    };
  const { file, config } = readDeploymentConfig(choice);
  return { file, configured: { ticket: config.ticketKeys, session: config.sessionKeys }, target, deployed };
}

const jwks = v.object({ keys: v.array(v.object({ kid: v.string() })) });

/** Returns the ids of the keys that verifiers read at this moment. */
async function fetchKids(jwksUrl: string): Promise<readonly string[]> {
  const answer = await fetch(jwksUrl, { signal: AbortSignal.timeout(10_000) })
    .then(async (response) => v.safeParse(jwks, await response.json()))
    .catch(() => undefined);
  if (!answer?.success)
    throw new CommandError(`${jwksUrl} does not answer with a JWKS: open it, and try again when it does.`);
  return answer.output.keys.map(({ kid }) => kid);
}

/**
 * Reads what decides about the next step of a kind of key.
 *
 * @throws CommandError while a deployment is in progress, and when the JWKS does not answer
 */
export async function readSituation(
  kind: KeyName,
  { configured, target, deployed }: Rotation,
  signingSince?: EpochMs,
): Promise<Situation> {
  const { instance, stackName, region, now } = target;
  const keys = deployed[kind];
  const kids = kind === 'session' ? await fetchKids(`${instance.frontendApiUrl}/.well-known/jwks.json`) : undefined;
  const served = kids && keys.filter(({ kid = '' }) => kids.includes(kid)).map(({ number }) => number);
  return {
    kind,
    configured: configured[kind],
    deployed: keys.map(({ number }) => number),
    deployedAt: await fetchLastDeploymentEnd(stackName, region),
    signingSince,
    served,
    waits: waitsOf(kind, instance),
    now: now(),
  };
}
