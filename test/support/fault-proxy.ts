import { marshall } from '@aws-sdk/util-dynamodb';
// Stands between the product and DynamoDB or KMS, on their real wire. It forwards every request, unless a test
// names the request and a fault for it. A test can also watch the requests that arrive.

import { randomUUID } from 'node:crypto';
import { Agent, createServer, request as httpRequest, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenLocally, readAll } from '../../local/aws/server.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One request that arrived, and the ways to answer it. */
export interface Exchange {
  /** Such as `UpdateItem` or `Sign`. */
  readonly operation: string;
  // biome-ignore lint/suspicious/noExplicitAny: the body of any request; the tests state what is in it.
  readonly body: any;
  /** Delivers the request to the engine each time it is called, with another body if one is given. */
  readonly forward: (body?: object) => Promise<Reply>;
  readonly answer: (reply: Reply) => void;
  /** Breaks the connection without an answer. */
  readonly cut: () => void;
  readonly response: ServerResponse;
}

export type Fault = (exchange: Exchange) => void | Promise<void>;

export interface Which {
  readonly operation: string;
  /** Name of a table that the request touches. */
  readonly table?: string | undefined;
  /** An id that the request must contain, so that tests can run side by side. */
  readonly about?: string;
  /** The number of these requests that get the fault; all by default. */
  readonly times?: number;
}

/** Counts the requests that got a fault. */
export interface Hurt {
  readonly hits: number;
}

/** A request that arrived while a test watched. */
export interface Passed extends Pick<Exchange, 'operation' | 'body'> {
  /** The error in its answer, with the reasons of a cancelled transaction, one for each write. */
  refusal?: string;
  /** In milliseconds of `performance.now()`. */
  readonly arrivedAt: number;
  /** Undefined until it is answered. */
  answeredAt?: number;
}

export interface FaultProxy {
  readonly endpoint: string;
  hurt(which: Which, fault: Fault): Hurt;
  /**
   * Runs `act`, and returns with its result every request that arrived meanwhile, in order.
   *
   * @param pauseInMs holds each of them back for this time
   */
  watch<Result>(
    act: () => Promise<Result>,
    pauseInMs?: number,
  ): Promise<{ readonly result: Result; readonly requests: readonly Passed[] }>;
  heal(): void;
  stop(): Promise<void>;
}

function tablesOf(body: Exchange['body']): readonly string[] {
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  const items: any[] = (body.TransactItems ?? []).flatMap((item: object) => Object.values(item));
  return [...[body, ...items].map(({ TableName }) => TableName), ...Object.keys(body.RequestItems ?? {})];
}

function refusalIn({ status, body }: Reply): string | undefined {
  if (status < 400) return undefined;
  const { __type: type = '', CancellationReasons: reasons = [] } = JSON.parse(body.toString());
  const codes = reasons.map(({ Code }: { readonly Code: string }) => Code);
  return [type.split('#').at(-1), ...(codes.length > 0 ? [`[${codes.join(', ')}]`] : [])].join(' ');
}

export async function startFaultProxy(engine: string): Promise<FaultProxy> {
  const agent = new Agent({ keepAlive: true });
  const rules: { which: Which; fault: Fault; hits: number }[] = [];
  const watchers = new Set<{ readonly requests: Passed[]; readonly pauseInMs: number }>();

  function forward({ 'content-length': _, ...headers }: IncomingHttpHeaders, body: Buffer): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const sent = httpRequest(
        engine,
        { method: 'POST', headers: { ...headers, 'content-length': body.length }, agent },
        (answer) => {
          readAll(answer).then(
            (read) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: read }),
            reject,
          );
        },
      );
      sent.on('error', reject).end(body);
    });
  }

  function ruleFor(operation: string, received: Buffer, body: Exchange['body']) {
    return rules.find(({ which, hits }) => {
      const isAbout = !which.about || received.includes(which.about);
      const isMeant =
        isAbout && which.operation === operation && (!which.table || tablesOf(body).includes(which.table));
      return isMeant && hits < (which.times ?? Number.POSITIVE_INFINITY);
    });
  }

  const server = createServer(async (request, response) => {
    const received = await readAll(request).catch(() => undefined);
    if (!received) return;
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const body = JSON.parse(received.toString());
    const passed: Passed = { operation, body, arrivedAt: performance.now() };
    for (const { requests } of watchers) requests.push(passed);
    await sleep(Math.max(0, ...[...watchers].map(({ pauseInMs }) => pauseInMs)));
    const exchange: Exchange = {
      operation,
      body,
      forward: (other) => forward(request.headers, other ? Buffer.from(JSON.stringify(other)) : received),
      answer: (reply) => {
        if (response.destroyed) return;
        const refusal = refusalIn(reply);
        if (refusal) passed.refusal = refusal;
        passed.answeredAt = performance.now();
        const { 'transfer-encoding': _, ...headers } = reply.headers;
        response.writeHead(reply.status, { ...headers, 'content-length': reply.body.length }).end(reply.body);
      },
      cut: () => response.destroy(),
      response,
    };
    const rule = ruleFor(operation, received, body);
    if (rule) rule.hits += 1;
    try {
      await (rule?.fault ?? passOn)(exchange);
    } catch {
      exchange.cut();
    }
  });
  const { endpoint, stop } = await listenLocally(server, 0);

  return {
    endpoint,
    hurt: (which, fault) => {
      const rule = { which, fault, hits: 0 };
      rules.unshift(rule);
      return rule;
    },
    watch: async (act, pauseInMs = 0) => {
      const watcher = { requests: [] as Passed[], pauseInMs };
      watchers.add(watcher);
      try {
        return { result: await act(), requests: watcher.requests };
      } finally {
        watchers.delete(watcher);
      }
    },
    heal: () => void rules.splice(0),
    stop: async () => {
      await stop();
      agent.destroy();
    },
  };
}

const passOn: Fault = async ({ forward, answer }) => answer(await forward());

/** The request is refused and has no effect; the answer has the form of DynamoDB and KMS. */
export function refusal(status: number, type: string, more: object = {}): Fault {
  const body = Buffer.from(JSON.stringify({ __type: type, message: 'Injected by a test', ...more }));
  return ({ answer }) => answer({ status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body });
}

const DYNAMODB = 'com.amazonaws.dynamodb.v20120810';

/** Another transaction holds the item of a plain write. */
export const conflict = refusal(400, `${DYNAMODB}#TransactionConflictException`);

export const throttling = refusal(400, 'com.amazon.coral.availability#ThrottlingException');

export const internalError = refusal(500, `${DYNAMODB}#InternalServerError`);

/** A transaction is cancelled for this reason, given for the first write or for the one at `at`. */
export function cancelled(code: string, at = 0): Fault {
  return (exchange) => {
    const writes: unknown[] = exchange.body.TransactItems;
    const reasons = writes.map((_, index) =>
      index === at ? { Code: code, Message: 'Injected by a test' } : { Code: 'None' },
    );
    const type = `${DYNAMODB}#TransactionCanceledException`;
    return refusal(400, type, { Message: 'Transaction cancelled', CancellationReasons: reasons })(exchange);
  };
}

/** Answers a GetItem with this item. */
export function answerWith(item: Readonly<Record<string, unknown>>): Fault {
  return ({ answer }) =>
    answer({
      status: 200,
      headers: { 'content-type': 'application/x-amz-json-1.0' },
      body: Buffer.from(JSON.stringify({ Item: marshall(item) })),
    });
}

/** DynamoDB is throttled: it answers a BatchGetItem without any item. */
export const leaveUnprocessed: Fault = ({ body, answer }) =>
  answer({
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: Buffer.from(JSON.stringify({ Responses: {}, UnprocessedKeys: body.RequestItems })),
  });

/** The request takes effect, and its answer is lost. */
export const loseAnswer: Fault = async ({ forward, cut }) => {
  await forward();
  cut();
};

/** The request has no effect and gets no answer. */
export const hang: Fault = () => {};

/** The request takes effect; its answer has headers, and a body that never arrives. */
export const stallBody: Fault = async ({ forward, response }) => {
  const { status, headers } = await forward();
  response.writeHead(status, headers).flushHeaders();
};

/** The request takes effect, and its answer breaks off in the middle. */
export const cutBody: Fault = async ({ forward, response }) => {
  const { status, headers, body } = await forward();
  response.writeHead(status, headers).write(body.subarray(0, body.length / 2), () => response.destroy());
};

/** The request is delivered twice, as when a network repeats it; the second answer arrives. */
export const deliverTwice: Fault = async ({ forward, answer }) => {
  await forward();
  answer(await forward());
};

/** The request takes effect and arrives again as a new one: DynamoDB has forgotten the first. */
export const forgetAndRepeat: Fault = async ({ body, forward, answer }) => {
  await forward();
  answer(await forward({ ...body, ClientRequestToken: randomUUID() }));
};

/** The request is forwarded after this time. */
export function delayed(milliseconds: number): Fault {
  return async (exchange) => {
    await sleep(milliseconds);
    await passOn(exchange);
  };
}

/** The request is forwarded after something else has happened. */
export function after(happened: () => Promise<unknown>): Fault {
  return async (exchange) => {
    await happened();
    await passOn(exchange);
  };
}

/** The first request gets the first fault, the second gets the second, and so on; the last fault stays. */
export function inTurn(...faults: readonly Fault[]): Fault {
  let turn = 0;
  return (exchange) => {
    const fault = faults[Math.min(turn, faults.length - 1)] ?? passOn;
    turn += 1;
    return fault(exchange);
  };
}

/** Holds a request back; `deliver` forwards it when its caller no longer waits for it. */
export function heldUp(): { readonly fault: Fault; readonly deliver: () => Promise<Reply> } {
  let late: (() => Promise<Reply>) | undefined;
  const fault: Fault = ({ forward }) => {
    late = forward;
  };
  const deliver = () => {
    if (!late) throw new Error('No request is held up.');
    return late();
  };
  return { fault, deliver };
}
