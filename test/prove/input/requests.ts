// Requests with mutations, as events of API Gateway.
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { routes } from '../../../functions/routes.ts';
import { changesOf } from './changes.ts';
import { type Draft, eventFrom, namesOf, parsed, type Route, type Subject, validDraft } from './drafts.ts';
import { jsonWith, ODD_VALUES } from './json.ts';
import type { Choices } from './seeded.ts';
import { ODD_TEXTS } from './texts.ts';

/** Routes with the mutations of their requests. One with many parameters is there several times. */
const weighted = routes.flatMap((route) => {
  const parameters = [route.json, route.form, route.query].flatMap(namesOf).length;
  return Array.from({ length: 1 + Math.min(parameters, 4) }, () => ({ route, changes: changesOf(route) }));
});

/** Operations after which the subject has no session, no ticket or no user. */
const FINAL = /^(Delete|Remove|Revoke|End|Ban|CreateSignIn|AcceptTicket|CreateBlocklist)/;
const gentle = weighted.filter(({ route }) => !FINAL.test(route.operation));

/** One place of a request, and what stands there. */
interface Placed {
  readonly route: Route;
  readonly name: string;
  readonly change: (draft: Draft) => Partial<Draft>;
}

function withPair(pairs: readonly string[], name: string, text: string): readonly string[] {
  const others = pairs.filter((pair) => !pair.startsWith(`${name}=`));
  return [...others, `${name}=${encodeURIComponent(text.toWellFormed())}`];
}

/** Each odd text or value in each place of the requests to a route that the route reads. */
function sweepOf(route: Route): readonly Placed[] {
  const texts = (name: string, change: (text: string) => Placed['change']): readonly Placed[] =>
    ODD_TEXTS.map((text) => ({ route, name: `${name} ${JSON.stringify(text).slice(0, 20)}`, change: change(text) }));
  const pairsIn = (text: string | Buffer | undefined) => (text ?? '').toString().split('&');
  return [
    ...(route.path.includes('{') ? texts('the path with', (text) => () => ({ pathParameter: text })) : []),
    ...namesOf(route.query).flatMap((name) =>
      texts(`${name} in the query with`, (text) => ({ query }) => ({ query: withPair(query, name, text) })),
    ),
    ...namesOf(route.form).flatMap((name) =>
      texts(`${name} in the form with`, (text) => ({ body }) => ({
        body: withPair(pairsIn(body), name, text).join('&'),
      })),
    ),
    ...namesOf(route.json).flatMap((name) =>
      ODD_VALUES.map((value) => ({
        route,
        name: `${name} in the body with ${value.slice(0, 20)}`,
        change: ({ body }: Draft) => ({ body: jsonWith(parsed(body?.toString() ?? ''), name, value) }),
      })),
    ),
    ...(route.audience === 'backend'
      ? texts('the secret key with', (text) => ({ headers }) => ({
          headers: new Map([...headers, ['authorization', `Bearer ${text}`]]),
        }))
      : texts('the cookie with', (text) => () => ({ cookies: [`__Host-client=${text}`] }))),
  ];
}

/** Each odd text and value in each place of the requests to all routes. Requests that may end what the subject has are the last. */
const sweep = [...gentle, ...weighted]
  .map(({ route }) => route)
  .filter((route, index, all) => all.indexOf(route) === index)
  .flatMap(sweepOf);

export const sweepLength = sweep.length;

/** Returns a request of the sweep. */
export function swept(number: number, subject: Subject): Mutant {
  const found = sweep[number];
  if (!found) throw new Error(`The sweep has no request ${number}.`);
  const { route, name, change } = found;
  const draft = validDraft(route, subject);
  return { operation: route.operation, names: [name], event: eventFrom({ ...draft, ...change(draft) }) };
}

export interface Mutant {
  readonly operation: string;
  /** The names of the mutations. */
  readonly names: readonly string[];
  readonly event: APIGatewayProxyEventV2;
}

/**
 * Returns a valid request with one to four mutations.
 *
 * @param mayEnd it may be a request that ends the subject's session, ticket or user
 */
export function aMutant(choices: Choices, subject: Subject, mayEnd: boolean): Mutant {
  const { route, changes } = choices.pick(mayEnd ? weighted : gentle);
  const picked = Array.from({ length: 1 + choices.below(4) }, () => choices.pick(changes));
  let draft = validDraft(route, subject);
  for (const [, change] of picked) draft = { ...draft, ...change(draft, choices, route) };
  return { operation: route.operation, names: picked.map(([name]) => name), event: eventFrom(draft) };
}
