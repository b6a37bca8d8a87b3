// The engine of the simulation answers the product's requests as the embedded engine does: random histories are simulated, and every
// request to DynamoDB is then sent to the embedded engine, in the same order.
import { expect, inject, onTestFinished, test } from 'vitest';
import { tableNames } from '../../cdk/table-definitions.ts';
import { blockIdOf } from '../../shared/blocklist/block.ts';
import type { Attributes } from '../prove/simulation/expressions.ts';
import { randomHistory } from '../prove/simulation/history.ts';
import type { Kms } from '../prove/simulation/kms.ts';
import { ACTORS, type Beginning, makeBeginning, newKms, runHistory } from '../prove/simulation/run.ts';
import { type Reply, type Request, simulateProcess } from '../prove/simulation/world.ts';

const HISTORIES = 40;
/** Faults after which the same requests arrive again. Copies that arrive much later would meet another time in the embedded engine. */
const kinds = ['lose', 'refuse', 'crash', 'conflict'] as const;

const { dynamodbEndpoint, environment } = inject('stack');
/** The names of the tables of the running stack, by those of the simulation: `ActorTokens` has the variable `ACTOR_TOKENS_TABLE`. */
const stored = new Map<string, string>(
  tableNames.map((name) => [name, environment[`${name.replace(/(?<=.)[A-Z]/g, '_$&').toUpperCase()}_TABLE`] ?? '']),
);

/** Sends a request to the embedded engine, about its own tables. */
async function send(operation: string, text: string): Promise<Reply> {
  const body = tableNames.reduce((renamed, name) => renamed.replaceAll(`"${name}"`, `"${stored.get(name)}"`), text);
  const response = await fetch(dynamodbEndpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-date': '20260101T000000Z',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
    },
    body,
  });
  const answer = await response.text();
  const named = [...stored].reduce((renamed, [name, own]) => renamed.replaceAll(`"${own}"`, `"${name}"`), answer);
  return { status: response.status, body: JSON.parse(named) };
}

interface Answer {
  readonly __type?: string;
  readonly CancellationReasons?: readonly { readonly Code: string; readonly Item?: Attributes }[];
  readonly Item?: Attributes;
  readonly Items?: readonly Attributes[];
  readonly Attributes?: Attributes;
  readonly Responses?: Readonly<Record<string, readonly Attributes[]>>;
}

function sorted(items: readonly Attributes[] = []): readonly string[] {
  return items.map((item) => JSON.stringify(Object.entries(item).sort())).sort();
}

/** The parts of an answer that both engines give: not the texts of errors, and of a query only the items of this history. */
function comparable({ status, body }: Reply, isOurs: (item: Attributes) => boolean): object {
  const { __type = '', CancellationReasons: reasons = [], Item, Items, Attributes, Responses = {} } = body as Answer;
  return {
    status,
    type: __type.split('#').at(-1),
    reasons: reasons.map(({ Code, Item: item }) => [Code, sorted(item && [item])]),
    item: sorted(Item && [Item]),
    items: sorted(Items?.filter(isOurs)),
    attributes: sorted(Attributes && [Attributes]),
    responses: Object.fromEntries(Object.entries(Responses).map(([table, items]) => [table, sorted(items)])),
  };
}

/** A history that was simulated: the items of its beginning, and its requests to DynamoDB with their answers in the order of their arrival. */
interface Simulated extends Pick<Beginning, 'items'> {
  readonly seen: readonly { readonly request: Request; readonly reply: Reply }[];
}

/** Simulates the history of a seed, about users and actor tokens of its own. */
async function simulate(seed: number, kms: Kms): Promise<Simulated> {
  const beginning = await makeBeginning(kms);
  const seen: Simulated['seen'][number][] = [];
  const observe = (request: Request, reply: Reply) => {
    if (request.service === 'dynamodb') seen.push({ request, reply });
  };
  await runHistory(randomHistory(seed, { kinds }), beginning, { observe, isLate: false });
  return { items: beginning.items, seen };
}

test('every request of random histories is answered as the embedded engine answers it', async () => {
  const restore = simulateProcess();
  onTestFinished(restore);
  const kms = newKms();
  const histories: Simulated[] = [];
  for (let seed = 1; seed <= HISTORIES; seed += 1) histories.push(await simulate(seed, kms));
  restore();
  const counts = new Map<string, number>();
  for (const { items, seen } of histories) {
    // All histories have the same actors.
    for (const actorSub of ACTORS)
      await send('DeleteItem', JSON.stringify({ TableName: 'Blocklist', Key: { id: { S: blockIdOf(actorSub) } } }));
    for (const [table, item] of items) await send('PutItem', JSON.stringify({ TableName: table, Item: item }));
    const texts = seen.map(({ reply }) => JSON.stringify(reply)).join('\n');
    const isOurs = (item: Attributes) => texts.includes(`"${item.id?.S}"`);

    for (const { request, reply } of seen) {
      const answered = await send(request.operation, request.text);

      expect(comparable(reply, isOurs), request.text).toEqual(comparable(answered, isOurs));
      counts.set(request.operation, (counts.get(request.operation) ?? 0) + 1);
    }
  }
  for (const operation of ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'TransactWriteItems'])
    expect(counts.get(operation), operation).toBeGreaterThan(5);
});
