// The load of a soak: servers and browsers that use the product at the same time, as the servers and browsers of many teams do.
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import { siblingId } from '../../shared/base/ids.ts';
import { randomFrom } from '../support/random.ts';
import type { Answer, Client, Request } from './client.ts';
import type { Asked } from './history.ts';

const SERVERS = 3;
const BROWSERS = 8;
const USERS = 10;
const ACTORS = 8;
/** Each server and each browser waits so long between two requests, on average. */
const PAUSE_IN_MS = 260;
/** Without any pause, a browser that waits for a ticket would keep everybody else from working. */
const HURRIED_PAUSE_IN_MS = 5;
/** A ban or a block lasts so long, on average. */
const PROHIBITED_FOR_MS = 1200;
const MOST_TICKETS = 30;
const KEPT_SESSIONS = 40;
/** The servers go on to name a deleted user so long as no other user takes the place. */
const LIFE_OF_A_USER_IN_MS = 6000;

interface Ticket {
  readonly token: string;
  readonly session: string;
  readonly ticket: string;
  readonly user: string;
  readonly actor: string;
}

type Story = Omit<Ticket, 'ticket'>;

/** The knowledge that the clients share. */
interface World {
  readonly client: Client;
  /** Users who are banned now and then, and one who is deleted now and then. */
  readonly users: string[];
  readonly actors: readonly string[];
  /** Tickets that nobody has presented yet. */
  readonly tickets: Ticket[];
  /** Sessions of which an answer told, the latest last. */
  readonly sessions: Story[];
}

type Random = () => number;

function pick<T>(random: Random, values: readonly T[]): T | undefined {
  return values[Math.floor(random() * values.length)];
}

async function pause({ isHurried }: Client, random: Random, average: number): Promise<void> {
  await sleep(isHurried ? HURRIED_PAUSE_IN_MS : average * (0.2 + 1.6 * random()));
}

const withId = v.object({ id: v.string() });
const created = v.object({ id: v.custom<`act_${string}`>((id) => String(id).startsWith('act_')), token: v.string() });
const token = v.object({ jwt: v.string() });
const session = v.object({ last_active_token: v.nullable(token) });
const touched = v.object({ response: session });
const redeemed = v.object({ client: v.object({ id: v.string(), sessions: v.tuple([session]) }) });
const shown = v.object({ status: v.string() });

function fromServer({ instance }: Client, method: string, path: string, body?: object): Request {
  const headers = { authorization: `Bearer ${instance.secretKey}`, 'content-type': 'application/json' };
  return { method, path, headers, ...(body && { body: JSON.stringify(body) }) };
}

/** Repeats a request until an answer tells its outcome, as a careful server does. */
async function insist(client: Client, request: () => Promise<Answer>): Promise<Answer> {
  let answer = await request();
  while (answer.outcome === 'unknown' && !client.isOver) {
    await sleep(PAUSE_IN_MS);
    answer = await request();
  }
  return answer;
}

// Servers.

async function createToken({ client, users, actors, tickets }: World, random: Random): Promise<void> {
  const [user = '', actor = ''] = [pick(random, users), pick(random, actors)];
  const body = {
    user_id: user,
    actor: { sub: actor },
    expires_in_seconds: 3600,
    session_max_duration_in_seconds: 86_400,
  };
  await client.record(
    { operation: 'create', user, actor },
    fromServer(client, 'POST', '/v1/actor_tokens', body),
    async (json) => {
      const { id, token: ticket } = v.parse(created, json);
      const story = { token: id, session: siblingId('sess', id), user, actor };
      tickets.push({ ...story, ticket });
      return story;
    },
  );
}

async function revokeToken({ client, tickets, sessions }: World, random: Random): Promise<void> {
  // One that was redeemed is refused. One that is still to be redeemed stays among the tickets.
  const story = pick(random, random() < 0.7 ? tickets : sessions);
  if (!story) return;
  const { token, user, actor } = story;
  const revoke = () =>
    client.record(
      { operation: 'revoke', token, session: story.session, user, actor },
      fromServer(client, 'POST', `/v1/actor_tokens/${token}/revoke`),
    );
  const { outcome } = await revoke();
  if (outcome === 'unknown') await revoke();
}

async function mintForServer({ client, sessions }: World, random: Random): Promise<void> {
  const story = pick(random, sessions);
  if (!story) return;
  await client.record(
    { operation: 'mint', session: story.session },
    fromServer(client, 'POST', `/v1/sessions/${story.session}/tokens`),
    async (json) => ({ minted: await client.verified(v.parse(token, json).jwt) }),
  );
}

async function readSession({ client, sessions }: World, random: Random): Promise<void> {
  const story = pick(random, sessions);
  if (!story) return;
  await client.record(
    { operation: 'read', session: story.session },
    fromServer(client, 'GET', `/v1/sessions/${story.session}`),
    async (json) => ({ isActive: v.parse(shown, json).status === 'active' }),
  );
}

async function endFromServer({ client, sessions }: World, random: Random): Promise<void> {
  const story = pick(random, sessions);
  if (!story) return;
  const asked = { operation: 'end', session: story.session } as const;
  await client.record(asked, fromServer(client, 'POST', `/v1/sessions/${story.session}/revoke`));
}

/** A server: creates and revokes actor tokens, and asks about, uses and ends sessions. */
async function server(world: World, random: Random): Promise<void> {
  while (!world.client.isOver) {
    const chance = random();
    if (chance < 0.4 && world.tickets.length < MOST_TICKETS) await createToken(world, random);
    else if (chance < 0.5) await revokeToken(world, random);
    else if (chance < 0.75) await mintForServer(world, random);
    else if (chance < 0.95) await readSession(world, random);
    else await endFromServer(world, random);
    await pause(world.client, random, PAUSE_IN_MS);
  }
}

/** Bans one user after another, and lifts each ban. */
async function banUsers({ client, users }: World, random: Random): Promise<void> {
  // The last user is deleted now and then, by another server.
  for (const user of users.slice(0, -1)) {
    if (client.isOver) return;
    const ask = (operation: 'ban' | 'unban') =>
      insist(client, () =>
        client.record({ operation, user }, fromServer(client, 'POST', `/v1/users/${user}/${operation}`)),
      );
    await ask('ban');
    await pause(client, random, PROHIBITED_FOR_MS);
    await ask('unban');
    await pause(client, random, 4 * PROHIBITED_FOR_MS);
  }
}

/** Blocks one actor after another, and lifts each block. */
async function blockActors({ client, actors }: World, random: Random): Promise<void> {
  for (const actor of actors) {
    if (client.isOver) return;
    let id = '';
    const asked = { operation: 'block', actor } as const;
    const blocking = fromServer(client, 'POST', '/v1/blocklist_identifiers', { identifier: actor });
    await insist(client, () =>
      client.record(asked, blocking, async (json) => {
        id = v.parse(withId, json).id;
        return {};
      }),
    );
    await pause(client, random, PROHIBITED_FOR_MS);
    const lifting = fromServer(client, 'DELETE', `/v1/blocklist_identifiers/${id}`);
    await insist(client, () => client.record({ operation: 'lift', actor }, lifting));
    await pause(client, random, 5 * PROHIBITED_FOR_MS);
  }
}

async function createUser(client: Client, name: string): Promise<string> {
  let user = '';
  await insist(client, () =>
    client.record(
      { operation: 'createUser', name },
      fromServer(client, 'POST', '/v1/users', { first_name: name }),
      async (json) => {
        user = v.parse(withId, json).id;
        return { user };
      },
    ),
  );
  return user;
}

/** Creates users, renames them, and deletes them while the servers use them. */
async function replaceUsers({ client, users }: World, random: Random): Promise<void> {
  const user = await createUser(client, `Guest ${Math.floor(random() * 1e9)}`);
  users[users.length - 1] = user;
  for (let turn = 0; turn < 3 && !client.isOver; turn += 1) {
    await pause(client, random, LIFE_OF_A_USER_IN_MS / 3);
    const name = `Guest ${Math.floor(random() * 1e9)}`;
    const request = fromServer(client, 'PATCH', `/v1/users/${user}`, { first_name: name });
    await insist(client, () => client.record({ operation: 'renameUser', user, name }, request));
  }
  await insist(client, () =>
    client.record({ operation: 'deleteUser', user }, fromServer(client, 'DELETE', `/v1/users/${user}`)),
  );
}

// Browsers.

/** A browser with its cookies, and the session that its last acknowledged sign-in started. */
interface Browser {
  readonly id: string;
  readonly cookies: Map<string, string>;
  current: Story | undefined;
}

function keepCookies({ cookies }: Browser, setCookies: readonly string[]): void {
  for (const line of setCookies) {
    const [pair = '', ...attributes] = line.split('; ');
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    if (attributes.includes('Max-Age=0')) cookies.delete(name);
    else cookies.set(name, value);
  }
}

async function fromBrowser(
  client: Client,
  browser: Browser,
  { asked, path, form = {} }: { readonly asked: Asked; readonly path: string; readonly form?: Record<string, string> },
  learn?: (json: unknown) => Promise<Partial<Asked>>,
): Promise<Answer> {
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const headers = {
    origin: client.instance.allowedOrigin,
    'content-type': 'application/x-www-form-urlencoded',
    ...(cookie !== '' && { cookie }),
  };
  const request = { method: 'POST', path, headers, body: new URLSearchParams(form).toString() };
  const answer = await client.record({ ...asked, browser: browser.id }, request, learn);
  keepCookies(browser, answer.setCookies);
  return answer;
}

async function redeem({ client, sessions }: World, browser: Browser, { ticket, ...story }: Ticket): Promise<Answer> {
  const asked = { operation: 'redeem', ...story, earlierSession: browser.current?.session } as const;
  const form = { strategy: 'ticket', ticket };
  const answer = await fromBrowser(client, browser, { asked, path: '/v1/client/sign_ins', form }, async (json) => {
    const { id, sessions } = v.parse(redeemed, json).client;
    const jwt = sessions[0].last_active_token?.jwt;
    return { client: id, ...(jwt !== undefined && { minted: await client.verified(jwt) }) };
  });
  if (answer.outcome === 'acknowledged') {
    browser.current = story;
    sessions.push(story);
    sessions.splice(0, sessions.length - KEPT_SESSIONS);
  }
  return answer;
}

/** Signs a browser in. Returns the browser that is signed in in its place, when another one was faster. */
async function signIn(world: World, browser: Browser, newBrowser: () => Browser, random: Random): Promise<Browser> {
  const place = Math.floor(random() * world.tickets.length);
  const [ticket] = world.tickets.splice(place, 1);
  if (!ticket) return browser;
  if (random() < 0.2) {
    const racers = [browser, newBrowser(), newBrowser()];
    const answers = await Promise.all(racers.map((racer) => redeem(world, racer, ticket)));
    const winner = racers[answers.findIndex(({ outcome }) => outcome === 'acknowledged')];
    return winner ?? browser;
  }
  const answer = await redeem(world, browser, ticket);
  // A person whose answer was lost tries again, in the same browser and in another one.
  if (answer.outcome === 'unknown' || random() < 0.1) {
    await redeem(world, browser, ticket);
    await redeem(world, newBrowser(), ticket);
  }
  // The cookie was stale, and nothing has happened to the ticket.
  if (answer.code === 'authentication_invalid') world.tickets.push(ticket);
  return browser;
}

async function mintForBrowser({ client }: World, browser: Browser, random: Random): Promise<void> {
  const { current } = browser;
  if (!current) return;
  const isTouch = random() < 0.25;
  const path = `/v1/client/sessions/${current.session}/${isTouch ? 'touch' : 'tokens'}`;
  const asked = { operation: 'mint', session: current.session } as const;
  const { outcome } = await fromBrowser(client, browser, { asked, path }, async (json) => {
    const jwt = isTouch ? v.parse(touched, json).response.last_active_token?.jwt : v.parse(token, json).jwt;
    return jwt === undefined ? {} : { minted: await client.verified(jwt) };
  });
  if (outcome === 'refused') browser.current = undefined;
}

async function endSession({ client }: World, browser: Browser, random: Random): Promise<void> {
  const { current } = browser;
  if (!current) return;
  const own = `/v1/client/sessions/${current.session}`;
  const path = pick(random, [`${own}/end`, `${own}/remove`, '/v1/client/sessions?_method=DELETE']) ?? own;
  await fromBrowser(client, browser, { asked: { operation: 'end', session: current.session }, path });
  // It goes on to ask for session tokens now and then, as a tab that has not heard of the end.
  if (random() < 0.7) browser.current = undefined;
}

/** A browser: signs in, uses its session, and ends it or signs in anew. */
async function browse(world: World, name: string, random: Random): Promise<void> {
  let count = 0;
  const newBrowser = (): Browser => {
    count += 1;
    return { id: `${name}.${count}`, cookies: new Map(), current: undefined };
  };
  let browser = newBrowser();
  while (!world.client.isOver) {
    const chance = random();
    if (!browser.current || chance < 0.05) browser = await signIn(world, browser, newBrowser, random);
    else if (chance < 0.1) await endSession(world, browser, random);
    else await mintForBrowser(world, browser, random);
    await pause(world.client, random, PAUSE_IN_MS);
  }
}

async function untilOver({ client }: World, round: () => Promise<void>): Promise<void> {
  while (!client.isOver) await round();
}

/** Runs the load until the client is closed. */
export async function runLoad(client: Client, seed: number): Promise<void> {
  const users: string[] = [];
  for (let number = 1; number <= USERS; number += 1) users.push(await createUser(client, `User ${number}`));
  const actors = Array.from({ length: ACTORS }, (_, index) => `agent_${index + 1}`);
  const world: World = { client, users, actors, tickets: [], sessions: [] };
  let streams = 0;
  const random = (): Random => {
    streams += 1;
    return randomFrom(seed + streams);
  };
  const [banning, blocking, replacing] = [random(), random(), random()];
  await Promise.all([
    ...Array.from({ length: SERVERS }, () => server(world, random())),
    ...Array.from({ length: BROWSERS }, (_, index) => browse(world, `browser ${index + 1}`, random())),
    untilOver(world, () => banUsers(world, banning)),
    untilOver(world, () => blockActors(world, blocking)),
    untilOver(world, () => replaceUsers(world, replacing)),
  ]);
}
