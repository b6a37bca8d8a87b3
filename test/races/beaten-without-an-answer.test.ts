// A write gets no answer while another write wins. The table then shows a success; only the attempt in it shows whose success
// it is.
import { expect, test } from 'vitest';
import { Browser } from '../support/browser.ts';
import type { Exchange, Fault } from '../support/fault-proxy.ts';
import { requestsOf, startFaults } from '../support/faults.ts';
import { aPendingActorToken } from '../support/given.ts';
import { callBackend, type TestAnswer } from '../support/http.ts';
import { expectInvariants } from '../support/invariants.ts';
import { summary } from '../support/refusal.ts';
import { storedItem } from '../support/stored.ts';

const { dynamodb } = await startFaults();

interface Contender {
  readonly write: 'TransactWriteItems' | 'UpdateItem';
  readonly act: (given: { readonly id: string; readonly ticket: string }) => Promise<TestAnswer>;
}

const contenders: Readonly<Record<'redemption' | 'revocation', Contender>> = {
  redemption: { write: 'TransactWriteItems', act: ({ ticket }) => new Browser().redeem(ticket) },
  revocation: { write: 'UpdateItem', act: ({ id }) => callBackend('POST', `/v1/actor_tokens/${id}/revoke`) },
};

function attemptOf({ body }: Exchange): string {
  const { ExpressionAttributeValues: values } = body.TransactItems?.[0].Update ?? body;
  return values[':attempt'].S;
}

/** A fault that drops all writes of the first attempt, after another request has won. */
function beatenBy(win: () => Promise<TestAnswer>): {
  readonly fault: Fault;
  readonly winner: () => Promise<TestAnswer>;
} {
  let first: string | undefined;
  let won: Promise<TestAnswer> | undefined;
  const winner = () => {
    won ??= win();
    return won;
  };
  const fault: Fault = async (exchange) => {
    first ??= attemptOf(exchange);
    if (attemptOf(exchange) !== first) return exchange.answer(await exchange.forward());
    await winner();
    exchange.cut();
  };
  return { fault, winner };
}

test.for([
  { first: 'redemption', second: 'redemption', refused: '400 actor_token_already_used_code', status: 'accepted' },
  { first: 'redemption', second: 'revocation', refused: '400 actor_token_revoked_code', status: 'revoked' },
  { first: 'revocation', second: 'redemption', refused: '400 actor_token_cannot_be_revoked_code', status: 'accepted' },
  { first: 'revocation', second: 'revocation', refused: '400 actor_token_cannot_be_revoked_code', status: 'revoked' },
] as const)(
  'a $first without an answer is refused when a $second wins meanwhile',
  async ({ first, second, refused, status }) => {
    const given = await aPendingActorToken();
    const { fault, winner } = beatenBy(() => contenders[second].act(given));
    dynamodb.hurt(requestsOf(contenders[first].write, 'ACTOR_TOKENS', given.id), fault);

    const loser = await contenders[first].act(given);

    expect((await winner()).status).toBe(200);
    expect(summary(loser)).toBe(refused);
    expect(loser.cookies).toEqual([]);
    expect(loser.text).not.toContain('jwt');
    expect(await storedItem('ACTOR_TOKENS', { id: given.id })).toMatchObject({ status });
    await expectInvariants([given.id]);
  },
);
