// The clients of a soak: they send requests to the product over HTTP, and record each with its outcome.
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import * as v from 'valibot';
import type { LocalInstance } from '../../local/instance.ts';
import { type Asked, type Claims, type Entry, type Outcome, outcomeOf } from './history.ts';

/** No function answers later, so a longer wait is a lost answer. */
const ANSWER_WITHIN_MS = 30_000;

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly outcome: Outcome;
  readonly code: string | undefined;
  readonly json: unknown;
  readonly setCookies: readonly string[];
}

/** Sends requests and records them, until it is closed. While the product is down, requests wait. */
export interface Client {
  readonly instance: LocalInstance;
  readonly history: readonly Entry[];
  readonly isOver: boolean;
  /** Nobody pauses for long between two requests. */
  readonly isHurried: boolean;
  /** Sends a request. `learn` reads from an acknowledged answer what the request did not know. */
  record(asked: Asked, request: Request, learn?: (json: unknown) => Promise<Partial<Asked>>): Promise<Answer>;
  /** Verifies a session token with the keys that were published when the soak began. */
  verified(jwt: string): Promise<Claims | 'forged'>;
  /** From now on nobody pauses for long, so that many requests are under way. */
  hurry(): void;
  /** From now on everybody pauses between two requests. */
  calm(): void;
  /** From now on requests wait, until `resume`. */
  hold(): void;
  resume(): void;
  /** No request is sent from now on. */
  close(): void;
}

const errors = v.object({ errors: v.tupleWithRest([v.object({ code: v.string() })], v.unknown()) });
const claims = v.object({
  sub: v.string(),
  sid: v.string(),
  act: v.object({ sub: v.string() }),
  iat: v.number(),
  exp: v.number(),
});

const lost: Answer = { outcome: 'unknown', code: undefined, json: undefined, setCookies: [] };

async function send(baseUrl: string, { method, path, headers, body }: Request): Promise<Answer> {
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const response = await fetch(baseUrl + path, { method, headers, signal, ...(body !== undefined && { body }) });
    const text = await response.text();
    const json: unknown = text.startsWith('{') ? JSON.parse(text) : undefined;
    const refusal = v.safeParse(errors, json);
    return {
      outcome: outcomeOf(response.status),
      code: refusal.success ? refusal.output.errors[0].code : undefined,
      json,
      setCookies: response.headers.getSetCookie(),
    };
  } catch (error) {
    // The connection was refused or broke, or the answer ended early.
    if (error instanceof TypeError || error instanceof DOMException) return lost;
    throw error;
  }
}

/** Opens the clients of a running product. */
export async function openClient(instance: LocalInstance): Promise<Client> {
  const keys = await fetch(`${instance.frontendApiUrl}/.well-known/jwks.json`);
  const keySet = createLocalJWKSet((await keys.json()) as JSONWebKeySet);
  const history: Entry[] = [];
  let isOver = false;
  let isHurried = false;
  let gate = Promise.withResolvers<void>();
  gate.resolve();

  return {
    instance,
    history,
    get isOver() {
      return isOver;
    },
    record: async (asked, request, learn = async () => ({})) => {
      await gate.promise;
      if (isOver) return lost;
      const begun = performance.now();
      const answer = await send(instance.baseUrl, request);
      const answered = performance.now();
      const { outcome, code, json } = answer;
      const learned = outcome === 'acknowledged' ? await learn(json) : {};
      history.push({ ...asked, ...learned, begun, answered, outcome, code });
      return answer;
    },
    get isHurried() {
      return isHurried;
    },
    verified: async (jwt) => {
      try {
        const { payload } = await jwtVerify(jwt, keySet, { algorithms: ['RS256'] });
        const { sub, sid, act, iat, exp } = v.parse(claims, payload);
        return { user: sub, actor: act.sub, session: sid, lifeInSeconds: exp - iat };
      } catch {
        return 'forged';
      }
    },
    hurry: () => {
      isHurried = true;
    },
    calm: () => {
      isHurried = false;
    },
    hold: () => {
      gate = Promise.withResolvers();
    },
    resume: () => gate.resolve(),
    close: () => {
      isOver = true;
      gate.resolve();
    },
  };
}
