// Runs a history on the product, and says which rule it violates.
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { Lambda } from '../../../functions/dispatch.ts';
import type { SecretKeyId } from '../../../shared/base/ids.ts';
import type { Instance } from '../../../shared/base/instance.ts';
import { epochMs } from '../../../shared/base/time.ts';
import type { HttpHandler, HttpResult } from '../../../shared/http/operation.ts';
import { createSecretKey } from '../../../shared/secret-keys/create-secret-key.ts';
import { revokeSecretKey } from '../../../shared/secret-keys/revoke-secret-key.ts';
import { createUser } from '../../../shared/users/create-user.ts';
import { anInstance, someEnvironment } from '../../support/an-instance.ts';
import { all, neverStaff, policyOf } from '../../support/policies.ts';
import { Engine } from './engine.ts';
import type { Attributes } from './expressions.ts';
import type { Site } from './faults.ts';
import { describeHistory, type History, type PolicyName, type Step } from './history.ts';
import { Kms } from './kms.ts';
import {
  isOfServer,
  type KnownToken,
  type OperationName,
  ORIGIN,
  operations,
  type Sent,
  type Subject,
} from './operations.ts';
import { drawsOf } from './random.ts';
import { type Answered, Rules, Violation } from './rules.ts';
import { readConfiguration, type Task, type Weakening, World, type WorldOptions } from './world.ts';

const NOON = 1_700_000_000_000;
/** The time at which users and tokens of the beginning are created. */
const BEFORE_NOON = NOON - 10_000;
/** The longest time by which a read without consistency and an index are behind. */
const LONGEST_LAG_IN_MS = 3000;
const AWS = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  endpoints: { dynamodb: 'http://127.0.0.1:9', kms: 'http://127.0.0.1:9' },
};

const instances = {
  none: anInstance(),
  all: anInstance({}, { policy: policyOf(all) }),
  'never-staff': anInstance({}, { policy: policyOf(neverStaff, all) }),
} as const satisfies Record<PolicyName, Instance>;

/** The instance of a function that has just started: it has no clients and no public keys yet. */
function newInstance(policy: PolicyName): Instance {
  return { ...instances[policy], aws: AWS };
}

/** One execution environment of the functions. It serves one request at a time. */
interface Process {
  readonly policy: PolicyName;
  readonly instance: Instance;
  readonly handlerOf: (lambda: Lambda) => HttpHandler;
}

function startProcess(policy: PolicyName, world: World): Process {
  const instance = newInstance(policy);
  world.connect(instance);
  const handlers = new Map<Lambda, HttpHandler>();
  const handlerOf = (lambda: Lambda) => {
    const handler = handlers.get(lambda) ?? lambda(instance);
    handlers.set(lambda, handler);
    return handler;
  };
  return { policy, instance, handlerOf };
}

const context = {
  functionName: 'simulated',
  awsRequestId: 'simulated',
  getRemainingTimeInMillis: () => 20_000,
} as Context;

/** The values of one request. */
interface Given {
  readonly subject: Subject;
  readonly secret: string | undefined;
  readonly cookie: string | undefined;
}

function eventOf(sent: Sent, { secret, cookie }: Omit<Given, 'subject'>): APIGatewayProxyEventV2 {
  const { method, path, parameters = {}, query = '', form, json, isOfServer } = sent;
  const headers = isOfServer
    ? { authorization: `Bearer ${secret}`, 'content-type': 'application/json' }
    : { origin: ORIGIN, ...(form && { 'content-type': 'application/x-www-form-urlencoded' }) };
  const body = form ? new URLSearchParams(form).toString() : json && JSON.stringify(json);
  const rawPath = path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => parameters[name] ?? '');
  return {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath,
    rawQueryString: query,
    headers,
    ...(!isOfServer && cookie !== undefined && { cookies: [cookie] }),
    requestContext: {
      accountId: '000000000000',
      apiId: 'simulated',
      domainName: 'clerk.example.com',
      domainPrefix: 'clerk',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'simulated' },
      requestId: 'simulated',
      routeKey: `${method} ${path}`,
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    pathParameters: { ...parameters },
    ...(body !== undefined && { body }),
    isBase64Encoded: false,
  };
}

/** The state in which every history begins: users, a secret key, and actor tokens of each user and actor. */
export interface Beginning {
  readonly kms: Kms;
  readonly items: readonly (readonly [table: string, item: Attributes])[];
  /** Two secret keys, of which a history can revoke the second. */
  readonly secrets: readonly string[];
  readonly secondKeyId: SecretKeyId;
  readonly userIds: readonly string[];
  readonly tokens: readonly KnownToken[];
}

export const ACTORS = ['support_0', 'support_1'] as const;

function tokenFrom(text: string | undefined): KnownToken {
  const { id, token: ticket, user_id: userId, actor } = JSON.parse(text ?? '');
  return { id, ticket, userId, actorSub: actor.sub };
}

function newTask(step: number, skew = 0): Task {
  return { step, skew, isOver: false, crash: () => undefined, calls: 0, lasting: new Map() };
}

/** Makes the keys of an instance. It takes a moment. */
export function newKms(): Kms {
  return new Kms([someEnvironment.TICKET_KEY_IDS, someEnvironment.SESSION_KEY_IDS]);
}

/** Makes the beginning of histories. */
export async function makeBeginning(kms = newKms()): Promise<Beginning> {
  await readConfiguration(newInstance('none'));
  const engine = new Engine(() => world.now, { seenAt: () => world.now });
  const world: World = new World(BEFORE_NOON, {
    engine,
    kms,
    draw: drawsOf(0),
    faults: [],
    weakening: asItIs,
    observe: undefined,
    afterEvent: () => undefined,
  });
  const instance = newInstance('none');
  world.connect(instance);
  const call = () => ({ instance, now: epochMs(world.now) });
  const { handlerOf } = startProcess('all', world);
  const nobody = { id: 'act_', ticket: '', userId: '', actorSub: '' } as const;
  const found = {
    secrets: [] as string[],
    secondKeyId: 'key_' as SecretKeyId,
    userIds: [] as string[],
    tokens: [] as KnownToken[],
  };
  const begin = async () => {
    for (const name of ['first', 'second']) {
      const { key, secret } = await createSecretKey({ name, kind: 'test' }, call());
      found.secrets.push(secret);
      found.secondKeyId = key.id;
    }
    for (const firstName of ['Ada', 'Grace']) {
      const names = { username: null, firstName, lastName: null, locale: null, externalId: firstName.toLowerCase() };
      const flags = { totpEnabled: false, backupCodeEnabled: false, banned: false, legalAcceptedAt: undefined };
      const metadata = { publicMetadata: {}, privateMetadata: {}, unsafeMetadata: {} };
      const lists = { emailAddresses: [], phoneNumbers: [] };
      const params = { id: undefined, createdAt: undefined, ...names, ...flags, ...metadata, ...lists };
      found.userIds.push((await createUser(params, call())).id);
    }
    for (const actorSub of ACTORS)
      for (const userId of found.userIds) {
        const sent = operations.create({ token: nobody, userId, actorSub });
        const { body } = await handlerOf(sent.lambda)(
          eventOf(sent, { secret: found.secrets[0], cookie: undefined }),
          context,
        );
        found.tokens.push(tokenFrom(body));
      }
  };
  const begun: Promise<void>[] = [];
  world.schedule(0, () => begun.push(begin()), newTask(-1));
  await world.run();
  await Promise.all(begun);
  const tables = [...new Set(engine.changes.map(({ table }) => table))];
  const items = tables.flatMap((table) => [...engine.items(table).values()].map((item) => [table, item] as const));
  return { kms, items, ...found };
}

/** Keeps the client's cookie of an answer, as a browser does. */
function keepCookie(cookies: Map<number, string>, browser: number, lines: readonly string[]): void {
  for (const line of lines.filter((each) => each.startsWith('__Host-client=')))
    if (/Max-Age=0\b/i.test(line)) cookies.delete(browser);
    else cookies.set(browser, line.slice(0, line.indexOf(';')));
}

/** The text of an answer, with the session token that a handshake hands over in its cookie. */
function textOf({ body = '', cookies = [] }: HttpResult): string {
  const payload = cookies.map((line) => /^__clerk_handshake=[^.]+\.([^.]+)\./.exec(line)?.[1]).find(Boolean);
  if (payload === undefined) return body;
  const { handshake } = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const jwt = handshake.map((line: string) => /^__session=([^;]+);/.exec(line)?.[1]).find(Boolean);
  return jwt === undefined ? body : `"jwt":"${jwt}"`;
}

function describeAnswer({ step: { id, does }, status, text }: Answered): string {
  const code = /"code":"(\w+)"/.exec(text)?.[1];
  return `${id}. ${does}: ${status ?? 'no answer'}${code === undefined ? '' : ` ${code}`}`;
}

/** The outcome of a history. */
export interface Outcome {
  /** The rule that was violated, and how. */
  readonly violation: string | undefined;
  readonly sites: readonly Site[];
  /** The steps with their answers, for people. */
  readonly lines: readonly string[];
}

export const asItIs: Weakening = (_operation, body) => body;

interface RunOptions {
  /** Makes a weakened variant of the product. */
  readonly weakening?: Weakening;
  readonly observe?: WorldOptions['observe'];
  /** False for a database whose indexes are never late. */
  readonly isLate?: boolean;
}

/** A history that runs. */
class Run {
  readonly world: World;
  /** The answers, for people. */
  readonly answers: string[] = [];
  readonly #history: History;
  readonly #beginning: Beginning;
  readonly #rules: Rules;
  readonly #tokens: KnownToken[];
  /** The cookies of the browsers, and the actor tokens with which they signed in. */
  readonly #cookies = new Map<number, string>();
  readonly #own = new Map<number, KnownToken>();
  readonly #processes = new Map<number, Process>();
  #policy: PolicyName;
  #reads = 0;

  constructor(history: History, beginning: Beginning, { weakening = asItIs, observe, isLate = true }: RunOptions) {
    const { seed, faults, skews, policy } = history;
    const draw = drawsOf(seed);
    const lag = () => {
      this.#reads += 1;
      return isLate ? Math.round(draw(`lag ${this.#reads}`) * LONGEST_LAG_IN_MS) : 0;
    };
    const engine = new Engine(() => this.world.now, { seenAt: () => this.world.now - lag() });
    const areClocksWrong = skews.some((skew) => skew !== 0);
    this.#history = history;
    this.#beginning = beginning;
    this.#policy = policy;
    this.#tokens = [...beginning.tokens];
    this.#rules = new Rules(engine, areClocksWrong);
    const afterEvent = () => this.#rules.check(this.world.now);
    this.world = new World(NOON, { engine, kms: beginning.kms, draw, faults, weakening, observe, afterEvent });
    for (const [table, item] of beginning.items) engine.store(table, item, BEFORE_NOON);
    for (const [, steps] of Map.groupBy(history.steps, ({ worker }) => worker)) this.#start(steps);
  }

  #processOf(worker: number): Process {
    const present = this.#processes.get(worker);
    if (present?.policy === this.#policy) return present;
    const started = startProcess(this.#policy, this.world);
    this.#processes.set(worker, started);
    return started;
  }

  /** Schedules the first of the steps of a worker. Its answer schedules the next one. */
  #start([step, ...rest]: readonly Step[]): void {
    if (!step) return;
    const task = newTask(step.id, this.#history.skews[step.worker]);
    const next = () => this.#start(rest);
    const run = () => (step.does.startsWith('deploy ') ? this.#deploy(step, next) : this.#send(step, task, next));
    this.world.schedule(step.after, run, task);
  }

  #deploy({ does }: Step, next: () => void): void {
    this.#policy = does.slice('deploy '.length) as PolicyName;
    next();
  }

  #subjectOf({ id, browser, token, user, actor }: Step): Subject {
    const place = token === 'own' ? 0 : Math.min(token, this.#tokens.length - 1);
    const named = (token === 'own' && this.#own.get(browser)) || this.#tokens[place];
    const userId = this.#beginning.userIds[user];
    const actorSub = ACTORS[actor];
    if (!named || userId === undefined || actorSub === undefined) throw new Error(`Step ${id} is about nothing.`);
    return { token: named, userId, actorSub };
  }

  #send(step: Step, task: Task, next: () => void): void {
    const subject = this.#subjectOf(step);
    const cookie = this.#cookies.get(step.browser);
    const isWithSecondKey = step.browser === 1 && isOfServer(step.does);
    const { moment } = this.#rules;
    const client = cookie && /client_\w+/.exec(cookie)?.[0];
    const common = { step, policy: this.#policy, client, isWithSecondKey, moment, sentAt: this.world.now };
    const begun = { ...common, ...subject, isHurt: this.#history.faults.some((fault) => fault.step === step.id) };
    this.#rules.begin(begun);
    task.crash = () => {
      this.#processes.delete(step.worker);
      this.#finish({ ...begun, status: undefined, text: '' });
      next();
    };
    const secret = this.#beginning.secrets[isWithSecondKey ? 1 : 0];
    void this.#answerTo(step, { subject, secret, cookie }).then((result) => {
      if (task.isOver) return;
      task.isOver = true;
      keepCookie(this.#cookies, step.browser, result.cookies ?? []);
      this.#finish({ ...begun, status: result.statusCode, text: textOf(result) });
      next();
    });
  }

  async #answerTo({ does, worker }: Step, given: Given): Promise<HttpResult> {
    const { instance, handlerOf } = this.#processOf(worker);
    if (does === 'revokeKey') return revokeKey(this.#beginning.secondKeyId, instance, this.world.clock());
    const sent: Sent = operations[does as OperationName](given.subject);
    return handlerOf(sent.lambda)(eventOf(sent, given), context);
  }

  #finish(answered: Answered): void {
    const { step, token, status, text } = answered;
    this.answers.push(describeAnswer(answered));
    if (step.does === 'create' && status === 200) this.#tokens.push(tokenFrom(text));
    const isSignedIn = status === 200 && (step.does === 'redeem' || step.does === 'accept');
    if (isSignedIn) this.#own.set(step.browser, token);
    this.#rules.answer(answered);
  }
}

/** Revokes a secret key as the command does, and answers like an operation. */
async function revokeKey(id: SecretKeyId, instance: Instance, now: number): Promise<HttpResult> {
  return revokeSecretKey(id, { instance, now: epochMs(now) }).then(
    () => ({ statusCode: 200, body: '{}' }),
    () => ({ statusCode: 429, body: '{"errors":[]}' }),
  );
}

/** Runs a history on the product. */
export async function runHistory(history: History, beginning: Beginning, options: RunOptions = {}): Promise<Outcome> {
  const run = new Run(history, beginning, options);
  const violation = await run.world.run().then(
    () => undefined,
    (error: unknown) => {
      if (!(error instanceof Violation)) throw error;
      return error.message;
    },
  );
  return { violation, sites: run.world.sites, lines: [...describeHistory(history), ...run.answers] };
}
