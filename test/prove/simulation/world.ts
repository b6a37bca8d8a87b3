/**
 * One thread on which everything happens in an order that a seed determines: the steps of the workers, the arrival and the answer of each
 * request to AWS, and timers. Each is an event with a time. Between two events all code of the product runs until it waits for AWS or for
 * a timer. The time is that of the events, and nothing really waits.
 */
import { createHash, KeyObject, verify, webcrypto } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timersPromises from 'node:timers/promises';
import type { Instance } from '../../../shared/base/instance.ts';
import { kmsOf } from '../../../shared/signing/kms.ts';
import { dynamodbOf } from '../../../shared/storage/dynamodb.ts';
import { getItem } from '../../../shared/storage/read.ts';
import { type Engine, ServiceException } from './engine.ts';
import { canHave, type Fault, type FaultKind, type Site } from './faults.ts';
import type { Kms } from './kms.ts';

/** One invocation of a function. */
export interface Task {
  readonly step: number;
  /** Milliseconds by which the clock of its host is wrong. */
  readonly skew: number;
  /** True after an answer and after a crash. Nothing of it runs any more. */
  isOver: boolean;
  /** Called when the function ends before its answer. */
  crash: () => void;
  calls: number;
  /** Faults that hurt the next requests with the same body. */
  readonly lasting: Map<string, { readonly kind: FaultKind; times: number }>;
}

interface Event {
  readonly at: number;
  readonly order: number;
  readonly task: Task | undefined;
  readonly run: () => unknown;
}

const ANSWER_TYPE = { 'content-type': 'application/x-amz-json-1.0' };

/** A request, as a weakened variant of the product would send it. */
export type Weakening = (operation: string, body: object) => object;

export interface Request {
  readonly service: 'dynamodb' | 'kms';
  readonly operation: string;
  readonly text: string;
}

/**
 * Makes the SDK read the files of its configuration. It does so once, at the first request of the process, and answers of the file system come
 * in no order that a seed could determine.
 */
export async function readConfiguration(instance: Instance): Promise<void> {
  const handle = async () => ({ response: { statusCode: 200, headers: ANSWER_TYPE, body: Buffer.from('{}') } });
  Object.assign(dynamodbOf(instance).config, { requestHandler: { handle } });
  await getItem(instance, instance.tables.users, { id: 'nobody' });
}

export interface WorldOptions {
  readonly engine: Engine;
  readonly kms: Kms;
  readonly draw: (name: string) => number;
  readonly faults: readonly Fault[];
  readonly weakening: Weakening;
  /** Takes note of each request that arrives, with its answer. */
  readonly observe: ((request: Request, reply: Reply) => void) | undefined;
  /** Runs after each event. */
  readonly afterEvent: () => void;
}

const REQUEST_TIMEOUT_IN_MS = 1500;

/** The world that runs now: timers and clocks ask it. */
let running: World | undefined;

const { subtle } = webcrypto;
const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  dateNow: Date.now,
  random: Math.random,
  performanceNow: performance.now.bind(performance),
  delay: timersPromises.setTimeout,
  verify: subtle.verify.bind(subtle),
  digest: subtle.digest.bind(subtle),
  importKey: subtle.importKey.bind(subtle),
  write: process.stdout.write.bind(process.stdout),
};

const keyObjects = new WeakMap<webcrypto.CryptoKey, KeyObject>();

function keyObjectOf(key: webcrypto.CryptoKey): KeyObject {
  const known = keyObjects.get(key) ?? KeyObject.from(key);
  keyObjects.set(key, known);
  return known;
}

function bytesOf(source: webcrypto.BufferSource): Uint8Array {
  return source instanceof ArrayBuffer
    ? new Uint8Array(source)
    : new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
}

/**
 * Gives this process the time, the timers and the random numbers of the running world. The Web Cryptography API answers from other threads,
 * in an order of their own, so its two functions that the product uses answer on this thread. Returns a function that undoes all this.
 */
export function simulateProcess(): () => void {
  const setTimer = (callback: (value?: unknown) => void, delay = 0) => {
    const world = running;
    return world ? world.setTimer(callback, delay) : real.setTimeout(callback, delay);
  };
  Object.assign(globalThis, {
    setTimeout: setTimer,
    clearTimeout: (timer: unknown) =>
      timer instanceof Timer ? timer.cancel() : real.clearTimeout(timer as NodeJS.Timeout),
  });
  Object.assign(timersPromises, { setTimeout: (delay: number) => new Promise((resolve) => setTimer(resolve, delay)) });
  syncBuiltinESMExports();
  Date.now = () => running?.clock() ?? real.dateNow();
  Math.random = () => running?.random() ?? real.random();
  performance.now = () => running?.now ?? real.performanceNow();
  subtle.verify = async (_algorithm, key, signature, data) =>
    verify('sha256', bytesOf(data), keyObjectOf(key), bytesOf(signature));
  subtle.digest = async (_algorithm, data) =>
    new Uint8Array(createHash('sha256').update(bytesOf(data)).digest()).buffer;
  subtle.importKey = ((...parameters: Parameters<typeof real.importKey>) => {
    const imported = real.importKey(...parameters);
    return running ? running.waitFor(imported) : imported;
  }) as typeof subtle.importKey;
  process.stdout.write = ((...parameters: Parameters<typeof real.write>) =>
    running ? true : real.write(...parameters)) as typeof process.stdout.write;
  return () => {
    Object.assign(globalThis, { setTimeout: real.setTimeout, clearTimeout: real.clearTimeout });
    Object.assign(timersPromises, { setTimeout: real.delay });
    syncBuiltinESMExports();
    Date.now = real.dateNow;
    Math.random = real.random;
    performance.now = real.performanceNow;
    Object.assign(subtle, { verify: real.verify, digest: real.digest, importKey: real.importKey });
    process.stdout.write = real.write;
  };
}

class Timer {
  isCancelled = false;

  cancel(): void {
    this.isCancelled = true;
  }
}

function exceptionReply({ type, status, message, members }: ServiceException) {
  return { status, body: { __type: `com.amazonaws#${type}`, message, ...members } };
}

/** The error of an HTTP client. */
function connectionError(name: string): Error {
  return Object.assign(new Error(name), name === 'TimeoutError' ? { name } : { code: name });
}

export type Reply = { readonly status: number; readonly body: object };

function refusalFor(kind: FaultKind, { service, text }: Request): Reply | undefined {
  const refuse = (type: string, members: Readonly<Record<string, unknown>> & { readonly status?: number } = {}) =>
    exceptionReply(new ServiceException(type, members));
  switch (kind) {
    case 'refuse':
      return refuse(service === 'kms' ? 'KMSInternalException' : 'InternalServerError', { status: 500 });
    case 'throttle':
      return refuse(service === 'kms' ? 'ThrottlingException' : 'ProvisionedThroughputExceededException');
    case 'in-progress':
      return refuse('TransactionInProgressException');
    case 'conflict': {
      const { TransactItems } = JSON.parse(text);
      if (!TransactItems) return refuse('TransactionConflictException');
      const CancellationReasons = TransactItems.map((_: unknown, index: number) => ({
        Code: index === 0 ? 'TransactionConflict' : 'None',
      }));
      return refuse('TransactionCanceledException', { CancellationReasons });
    }
    default:
      return undefined;
  }
}

export class World {
  now: number;
  /** Every request to AWS, in the order in which they were sent. */
  readonly sites: Site[] = [];
  readonly #options: WorldOptions;
  readonly #events: Event[] = [];
  #order = 0;
  #randoms = 0;
  #task: Task | undefined;
  #outside = 0;

  constructor(now: number, options: WorldOptions) {
    this.now = now;
    this.#options = options;
  }

  /** The time that the running function reads from its host. */
  clock(): number {
    return this.now + (this.#task?.skew ?? 0);
  }

  random(): number {
    this.#randoms += 1;
    return this.#options.draw(`random ${this.#task?.step} ${this.#randoms}`);
  }

  /** Waits for work outside this thread before the next event. */
  async waitFor<Value>(work: Promise<Value>): Promise<Value> {
    this.#outside += 1;
    return work.finally(() => {
      this.#outside -= 1;
    });
  }

  setTimer(callback: () => void, delay: number): Timer {
    const timer = new Timer();
    this.schedule(delay, () => timer.isCancelled || callback(), this.#task);
    return timer;
  }

  /** Adds an event. One of a task that is over does not happen. */
  schedule(delay: number, run: () => unknown, task?: Task): void {
    this.#order += 1;
    const event = { at: this.now + Math.max(0, Math.round(delay)), order: this.#order, run, task };
    const before = this.#events.findLastIndex((each) => each.at <= event.at);
    this.#events.splice(before + 1, 0, event);
  }

  /** Connects the clients of an instance with this world. */
  connect(instance: Instance): void {
    for (const [service, client] of [['dynamodb', dynamodbOf(instance)] as const, ['kms', kmsOf(instance)] as const]) {
      const handle = (request: { readonly headers: Readonly<Record<string, string>>; readonly body?: Uint8Array }) => {
        const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
        return this.#send({ service, operation, text: new TextDecoder().decode(request.body) });
      };
      Object.assign(client.config, { requestHandler: { handle } });
      // Nobody checks the signature of a request here.
      client.middlewareStack.remove('httpSigningMiddleware');
    }
  }

  /** Runs until no event is left. */
  async run(): Promise<void> {
    running = this;
    try {
      for (let event = this.#events.shift(); event; event = this.#events.shift()) {
        const { task } = event;
        if (task?.isOver) continue;
        this.now = Math.max(this.now, event.at);
        this.#task = task;
        event.run();
        await this.#settle();
        this.#task = undefined;
        this.#options.afterEvent();
      }
    } finally {
      running = undefined;
    }
  }

  /** Resolves when all code waits for AWS or for a timer. */
  async #settle(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#outside > 0);
  }

  #faultOf(task: Task, { operation, text }: Request): FaultKind | undefined {
    const lasting = task.lasting.get(text);
    if (lasting && lasting.times > 0) {
      lasting.times -= 1;
      return lasting.kind;
    }
    const fault = this.#options.faults.find(
      ({ step, call, kind }) => step === task.step && call === task.calls && canHave(kind, operation),
    );
    if (fault && fault.times > 1) task.lasting.set(text, { kind: fault.kind, times: fault.times - 1 });
    return fault?.kind;
  }

  #execute(request: Request, leavesUnread: (place: string) => boolean): Reply {
    const reply = this.#replyTo(request, leavesUnread);
    this.#options.observe?.(request, reply);
    return reply;
  }

  #replyTo({ service, operation, text }: Request, leavesUnread: (place: string) => boolean): Reply {
    const body = JSON.parse(text);
    try {
      if (service === 'kms') return { status: 200, body: this.#options.kms.execute(operation, body) };
      const sent = this.#options.weakening(operation, body);
      return { status: 200, body: this.#options.engine.execute(operation, sent, leavesUnread) };
    } catch (error) {
      if (error instanceof ServiceException) return exceptionReply(error);
      throw error;
    }
  }

  #send(request: Request): Promise<object> {
    const task = this.#task;
    if (!task) throw new Error('No function is running.');
    task.calls += 1;
    const site = { step: task.step, call: task.calls, operation: request.operation };
    this.sites.push(site);
    const kind = this.#faultOf(task, request);
    const draw = (name: string) => this.#options.draw(`${name} ${site.step}.${site.call}`);
    return new Promise((resolve, reject) => {
      const answer = ({ status, body }: Reply) => {
        const response = { statusCode: status, headers: ANSWER_TYPE, body: Buffer.from(JSON.stringify(body)) };
        this.schedule(latency(draw('answer')), () => resolve({ response }), task);
      };
      const refusal = kind && refusalFor(kind, request);
      if (refusal) return answer(refusal);
      if (kind === 'time-out') {
        this.schedule(REQUEST_TIMEOUT_IN_MS, () => reject(connectionError('TimeoutError')), task);
        this.schedule(lateness(draw('late')), () => this.#execute(request, () => false));
        return undefined;
      }
      this.schedule(latency(draw('arrival')), () => {
        const isUnread = kind === 'unread';
        const reply = this.#execute(request, (place) => isUnread && draw(`unread ${place}`) < 0.5);
        if (kind === 'repeat') this.schedule(lateness(draw('copy')), () => this.#execute(request, () => false));
        if (kind === 'crash' && !task.isOver) {
          task.isOver = true;
          task.crash();
        } else if (kind === 'lose')
          this.schedule(latency(draw('cut')), () => reject(connectionError('ECONNRESET')), task);
        else answer(reply);
      });
      return undefined;
    });
  }
}

/** The milliseconds of one way of a request: usually few, sometimes as long as several other requests. */
function latency(drawn: number): number {
  return drawn < 0.9 ? 1 + drawn * 10 : 10 + (drawn - 0.9) * 3000;
}

/** The milliseconds after which a held-up request or a copy arrives: in the same second, in the same minute, or after half an hour. */
function lateness(drawn: number): number {
  if (drawn < 0.5) return drawn * 2000;
  return drawn < 0.9 ? (drawn - 0.5) * 100_000 : (drawn - 0.9) * 18_000_000;
}
