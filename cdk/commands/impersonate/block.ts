import { ApiError } from '../../../shared/base/errors.ts';
import { blockIdOf, EVERYBODY } from '../../../shared/blocklist/block.ts';
import { parseBlockIdentifier } from '../../../shared/blocklist/blocklist-schema.ts';
import { liftBlock } from '../../../shared/blocklist/lift-block.ts';
import { blockActor } from '../../../shared/sign-ins/block-actor.ts';
import { quote, readArgument } from '../arguments.ts';
import { errorSentence } from '../error-sentence.ts';
import { CommandError, UsageError } from '../errors.ts';
import { formatTime } from '../format-time.ts';
import { printLine, printMessage } from '../output.ts';
import { type DeployedTarget, findTarget, type Target, targetOptions } from '../target.ts';
import { CALLER } from './caller.ts';

const options = { ...targetOptions, json: { type: 'boolean' } } as const;
const TEXT = { type: 'string' } as const;

const MISSING =
  'Missing actor: write the sub of an actor, the claim sub or email of an operator, or "*" for everybody.';

function stageOf(target: Target | DeployedTarget): string {
  return 'stage' in target ? target.stage : 'local';
}

/** To block everybody stops the product, so it must not happen by a slip. @throws UsageError */
function checkConfirmed(identifier: string, confirm: string | undefined, target: Target): void {
  const stage = stageOf(target);
  if (identifier === EVERYBODY && confirm !== stage)
    throw new UsageError(
      `"*" ends every session and lets nobody impersonate in ${target.name}: add --confirm ${stage}.`,
    );
}

/** Blocks an actor, or everybody, past the API. */
export async function block(args: readonly string[]): Promise<number> {
  const { values, argument } = readArgument(args, { ...options, reason: TEXT, confirm: TEXT }, MISSING);
  const { identifier, reason } = parseBlockIdentifier({ identifier: argument, reason: values.reason });
  const target = await findTarget(values);
  checkConfirmed(identifier, values.confirm, target);
  const failures: unknown[] = [];
  const call = { instance: target.instance, now: target.now(), caller: CALLER };
  const block = await blockActor({ identifier, reason }, call, (error) => void failures.push(error));
  const { id, blockedAt, blockedBy } = block;
  if (values.json) {
    const facts = { reason: block.reason ?? null, blocked_at: formatTime(blockedAt), blocked_by: blockedBy };
    printLine(JSON.stringify({ id, identifier, ...facts }));
  }
  const who = identifier === EVERYBODY ? 'Everybody' : quote(identifier);
  printMessage(
    `${who} is blocked since ${formatTime(blockedAt)}: no ticket, session or session token is given to them.`,
  );
  if (failures.length === 0) return 0;
  printMessage(
    `Some sessions are not marked as ended: ${errorSentence(failures[0], 'DynamoDB')} Run the command again.`,
  );
  return 1;
}

/** Lifts a block, past the API. */
export async function unblock(args: readonly string[]): Promise<number> {
  const { values, argument: identifier } = readArgument(args, options, MISSING);
  const { name, instance, now } = await findTarget(values);
  const call = { instance, now: now(), caller: CALLER };
  const id = blockIdOf(identifier);
  await liftBlock(id, call).catch((error: unknown) => {
    if (!(error instanceof ApiError) || error.code !== 'resource_not_found') throw error;
    throw new CommandError(`${quote(identifier)} is not blocked in ${name}.`);
  });
  if (values.json) printLine(JSON.stringify({ id, identifier }));
  printMessage(
    `${quote(identifier)} is no longer blocked. What was created before stays dead: create new actor tokens.`,
  );
  return 0;
}
