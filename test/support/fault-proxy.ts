// Stands between the product and DynamoDB or KMS, on their real wire. It passes every request on, until a test names the
// requests to hurt and how. A test can also watch what passes.

import { randomUUID } from 'node:crypto';
import { Agent, createServer, request as httpRequest, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenLocally, readAll } from '../../local/aws/server.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One request that arrived, and all that can be done with it. */
export interface Exchange {
  /** Such as `UpdateItem` or `Sign`. */
  readonly operation: string;
  // biome-ignore lint/suspicious/noExplicitAny: the body of any request; the tests state what is in it.
  readonly body: any;
  /** Delivers the request to the engine, each time it is called; another body in place of its own if one is given. */
  readonly forward: (body?: object) => Promise<Reply>;
  readonly answer: (reply: Reply) => void;
  /** Breaks the connection without an answer. */
  readonly cut: () => void;
  readonly response: ServerResponse;
}

export type Fault = (exchange: Exchange) => void | Promise<void>;

export interface Which {
  readonly operation: string;
  /** Name of a table the request touches. */
  readonly table?: string | undefined;
  /** An id the request must speak of, so that tests can run side by side. */
  readonly about?: string;
  /** How many of these requests are hurt; all unless told. */
  readonly times?: number;
}

/** Counts the requests a fault has met. */
export interface Hurt {
  readonly hits: number;
}

/** A request that passed while a test watched. */
export interface Passed extends Pick<Exchange, 'operation' | 'body'> {
  /** The error it was answered with, and the reasons of a cancelled transaction, one for each write. */
  refusal?: string;
}

export interface FaultProxy {
  readonly endpoint: string;
  hurt(which: Which, fault: Fault): Hurt;
  /** Runs `act`, and returns with its result every request that arrived meanwhile, in order. */
  watch<Result>(act: () => Promise<Result>): Promise<{ readonly result: Result; readonly requests: readonly Passed[] }>;
  heal(): void;
  stop(): Promise<void>;
}

function tablesOf(body: Exchange['body']): readonly string[] {
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  const items: any[] = (body.TransactItems ?? []).flatMap((item: object) => Object.values(item));
  return [body, ...items].map(({ TableName }) => TableName);
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
  const watchers = new Set<Passed[]>();

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
    const passed: Passed = { operation, body };
    for (const requests of watchers) requests.push(passed);
    const exchange: Exchange = {
      operation,
      body,
      forward: (other) => forward(request.headers, other ? Buffer.from(JSON.stringify(other)) : received),
      answer: (reply) => {
        if (response.destroyed) return;
        const refusal = refusalIn(reply);
        if (refusal) passed.refusal = refusal;
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
    watch: async (act) => {
      const requests: Passed[] = [];
      watchers.add(requests);
      try {
        return { result: await act(), requests };
      } finally {
        watchers.delete(requests);
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

/** The request is refused before it is done, as DynamoDB and KMS word it. */
export function refusal(status: number, type: string, more: object = {}): Fault {
  const body = Buffer.from(JSON.stringify({ __type: type, message: 'Injected by a test', ...more }));
  return ({ answer }) => answer({ status, headers: { 'content-type': 'application/x-amz-json-1.0' }, body });
}

const DYNAMODB = 'com.amazonaws.dynamodb.v20120810';

/** Another transaction holds the item of a plain write. */
export const conflict = refusal(400, `${DYNAMODB}#TransactionConflictException`);

export const throttling = refusal(400, 'com.amazon.coral.availability#ThrottlingException');

export const internalError = refusal(500, `${DYNAMODB}#InternalServerError`);

/** A transaction is cancelled; the reason stands at the first write, or at the one that is named. */
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

/** Done, and nobody learns of it. */
export const loseAnswer: Fault = async ({ forward, cut }) => {
  await forward();
  cut();
};

/** Neither done nor answered. */
export const hang: Fault = () => {};

/** Done, and answered by a head whose body never comes. */
export const stallBody: Fault = async ({ forward, response }) => {
  const { status, headers } = await forward();
  response.writeHead(status, headers).flushHeaders();
};

/** Done, and answered by half an answer. */
export const cutBody: Fault = async ({ forward, response }) => {
  const { status, headers, body } = await forward();
  response.writeHead(status, headers).write(body.subarray(0, body.length / 2), () => response.destroy());
};

/** Done twice, as when a network repeats a request; the second answer is the one that arrives. */
export const deliverTwice: Fault = async ({ forward, answer }) => {
  await forward();
  answer(await forward());
};

/** Done, and asked for again as if it were another request: DynamoDB has forgotten the first. */
export const forgetAndRepeat: Fault = async ({ body, forward, answer }) => {
  await forward();
  answer(await forward({ ...body, ClientRequestToken: randomUUID() }));
};

/** Done after a while. */
export function delayed(milliseconds: number): Fault {
  return async (exchange) => {
    await sleep(milliseconds);
    await passOn(exchange);
  };
}

/** Waits for something else to have happened before it passes the request on. */
export function after(happened: () => Promise<unknown>): Fault {
  return async (exchange) => {
    await happened();
    await passOn(exchange);
  };
}

/** One fault for the first request, the next for the second; the last stays. */
export function inTurn(...faults: readonly Fault[]): Fault {
  let turn = 0;
  return (exchange) => {
    const fault = faults[Math.min(turn, faults.length - 1)] ?? passOn;
    turn += 1;
    return fault(exchange);
  };
}

/** A request held up in the network: `deliver` lets it arrive when everybody has given it up. */
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
