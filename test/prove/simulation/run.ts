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
import type { Fault, Site } from './faults.ts';
import { describeHistory, type History, type PolicyName, type Step } from './history.ts';
import { Kms } from './kms.ts';
import { isOfServer, type KnownToken, type OperationName, operations, type Sent, type Subject } from './operations.ts';
import { drawsOf } from './random.ts';
import { type Answered, Rules, Violation } from './rules.ts';
import { readConfiguration, type Task, type Weakening, World } from './world.ts';

const NOON = 1_700_000_000_000;
/** The longest time by which a read without consistency and an index are behind. */
const LONGEST_LAG_IN_MS = 3000;
const ORIGIN = 'https://clerk.example.com';
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

const ACTORS = ['support_0', 'support_1'] as const;

function tokenFrom(text: string | undefined): KnownToken {
  const { id, token: ticket, user_id: userId, actor } = JSON.parse(text ?? '');
  return { id, ticket, userId, actorSub: actor.sub };
}

function newTask(step: number, skew = 0): Task {
  return { step, skew, isOver: false, crash: () => undefined, calls: 0, lasting: new Map() };
}

/** Makes the keys and the beginning of all histories. It takes a moment. */
export async function makeBeginning(): Promise<Beginning> {
  await readConfiguration(newInstance('none'));
  const kms = new Kms([someEnvironment.TICKET_KEY_IDS, someEnvironment.SESSION_KEY_IDS]);
  const engine = new Engine(() => world.now, { seenAt: () => world.now });
  const world: World = new World(NOON - 10_000, {
    engine,
    kms,
    draw: drawsOf(0),
    faults: [],
    weakening: (_operation, body) => body,
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

/** Runs a history on the product, or on a weakened variant of it. */
export async function runHistory(
  history: History,
  beginning: Beginning,
  weakening: Weakening = asItIs,
): Promise<Outcome> {
  const draw = drawsOf(history.seed);
  const hurt = new Set(history.faults.map(({ step }: Fault) => step));
  const lines: string[] = [];
  const cookies = new Map<number, string>();
  const processes = new Map<number, Process>();
  const tokens = [...beginning.tokens];
  const own = new Map<number, KnownToken>();
  let policy = history.policy;
  let reads = 0;
  const engine = new Engine(() => world.now, {
    seenAt: () => {
      reads += 1;
      return world.now - Math.round(draw(`lag ${reads}`) * LONGEST_LAG_IN_MS);
    },
  });
  const rules = new Rules(
    engine,
    history.skews.some((skew) => skew !== 0),
  );
  const world: World = new World(NOON, {
    engine,
    kms: beginning.kms,
    draw,
    faults: history.faults,
    weakening,
    afterEvent: () => rules.check(world.now),
  });
  for (const [table, item] of beginning.items) engine.store(table, item, NOON - 10_000);

  const processOf = (worker: number): Process => {
    const present = processes.get(worker);
    if (present?.policy === policy) return present;
    const started = startProcess(policy, world);
    processes.set(worker, started);
    return started;
  };

  const perform = async (does: Step['does'], { instance, handlerOf }: Process, given: Given): Promise<HttpResult> => {
    if (does === 'revokeKey')
      return revokeSecretKey(beginning.secondKeyId, { instance, now: epochMs(world.clock()) }).then(
        () => ({ statusCode: 200, body: '{}' }),
        () => ({ statusCode: 429, body: '{"errors":[]}' }),
      );
    const sent: Sent = operations[does as OperationName](given.subject);
    return handlerOf(sent.lambda)(eventOf(sent, given), context);
  };

  const finish = (answered: Answered) => {
    const { step, status, text } = answered;
    lines.push(`${describeAnswer(answered)}`);
    if (step.does === 'create' && status === 200) tokens.push(tokenFrom(text));
    if (status === 200 && (step.does === 'redeem' || step.does === 'accept')) own.set(step.browser, answered.token);
    rules.answer(answered);
  };

  const start = (steps: readonly Step[]): void => {
    const [step, ...rest] = steps;
    if (!step) return;
    const task = newTask(step.id, history.skews[step.worker]);
    const next = () => start(rest);
    world.schedule(
      step.after,
      () => {
        if (step.does.startsWith('deploy ')) {
          policy = step.does.slice('deploy '.length) as PolicyName;
          return next();
        }
        const token =
          step.token === 'own' ? (own.get(step.browser) ?? tokens[0]) : tokens[Math.min(step.token, tokens.length - 1)];
        const userId = beginning.userIds[step.user];
        const actorSub = ACTORS[step.actor];
        if (!token || userId === undefined || actorSub === undefined)
          throw new Error(`Step ${step.id} is about nothing.`);
        const cookie = cookies.get(step.browser);
        const isWithSecondKey = step.browser === 1 && isOfServer(step.does);
        const begun = {
          ...{ step, token, userId, actorSub, policy, isWithSecondKey },
          ...{ client: cookie && /client_\w+/.exec(cookie)?.[0], moment: rules.moment, sentAt: world.now },
        };
        rules.begin(begun);
        const isHurt = hurt.has(step.id);
        task.crash = () => {
          processes.delete(step.worker);
          finish({ ...begun, isHurt, status: undefined, text: '' });
          next();
        };
        const secret = beginning.secrets[isWithSecondKey ? 1 : 0];
        void perform(step.does, processOf(step.worker), { subject: { token, userId, actorSub }, secret, cookie }).then(
          (result: HttpResult) => {
            if (task.isOver) return;
            task.isOver = true;
            keepCookie(cookies, step.browser, result.cookies ?? []);
            finish({ ...begun, isHurt, status: result.statusCode, text: result.body ?? '' });
            next();
          },
        );
        return undefined;
      },
      task,
    );
  };
  for (const [, steps] of Map.groupBy(history.steps, ({ worker }) => worker)) start(steps);
  let violation: string | undefined;
  try {
    await world.run();
  } catch (error) {
    if (!(error instanceof Violation)) throw error;
    violation = error.message;
  }
  return { violation, sites: world.sites, lines: [...describeHistory(history), ...lines] };
}
