// A rotation in simulated time. The functions sign and serve at every instant of the deployments, with the product's signing code
// and a local KMS with real keys; the verifiers have their real caches.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyToken } from '@clerk/backend';
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { vi } from 'vitest';
import { afterStep, type KeyNumbers } from '../../cdk/commands/signing-keys/lists.ts';
import type { Waits } from '../../cdk/commands/signing-keys/waits.ts';
import { startKms } from '../../local/aws/kms/kms.ts';
import { listenLocally } from '../../local/aws/server.ts';
import { limits } from '../../shared/base/limits.ts';
import { epochMs } from '../../shared/base/time.ts';
import { jwksJson } from '../../shared/signing/jwks.ts';
import { signSessionToken } from '../../shared/signing/session-token.ts';
import { isTicketSignature, signTicket, unsignedTicket, verifyTicket } from '../../shared/signing/ticket.ts';
import { anInstance } from '../support/an-instance.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
/** The interval at which the simulated clock advances. */
export const STEP = 30 * SECOND;
export const noon = 1_700_000_000_000;

/** Functions in the order in which CloudFormation replaces them; CloudFormation guarantees none. */
export type FunctionName =
  | 'create-actor-token'
  | 'create-sign-in'
  | 'browser-sessions'
  | 'backend-sessions'
  | 'tickets';

/** Signing functions are replaced first: the worst order for functions that must know the key already. */
export const signersFirst: readonly FunctionName[] = [
  'browser-sessions',
  'create-actor-token',
  'create-sign-in',
  'backend-sessions',
  'tickets',
];
/** The worst order for tokens of a key that is taken away. */
export const verifiersFirst = signersFirst.toReversed();

interface Deployment {
  readonly start: number;
  readonly list: KeyNumbers;
}

/** The time from the replacement of the first function to that of the last one. */
export const DEPLOYMENT = 3 * MINUTE;

/** The keys in a function's environment at an instant. */
export function listAt(at: number, name: FunctionName, { deployments, order, first }: Schedule): KeyNumbers {
  const switched = (order.indexOf(name) * DEPLOYMENT) / (order.length - 1);
  return deployments.findLast(({ start }) => at >= start + switched)?.list ?? first;
}

/** Returns the time at which all functions have the keys of a deployment of the schedule. */
export function endOf({ deployments }: Schedule, index: number): number {
  const deployment = deployments[index];
  if (!deployment) throw new Error(`There is no deployment ${index}.`);
  return deployment.start + DEPLOYMENT;
}

export interface Schedule {
  readonly first: KeyNumbers;
  readonly deployments: readonly Deployment[];
  readonly order: readonly FunctionName[];
}

/** Returns the schedule that replaces the key by a new one in one deployment. */
export function emergency(order: readonly FunctionName[]): Schedule {
  const first: KeyNumbers = [1];
  return { first, deployments: [{ start: noon + 12 * MINUTE, list: afterStep.replace(first) }], order };
}

/** Returns the schedule publish, sign, retire. The waits, in seconds, are between the end of a deployment and the start of the next. */
export function rotation({ beforeSign, beforeRetire }: Waits, order: readonly FunctionName[]): Schedule {
  const first: KeyNumbers = [1];
  const published = afterStep.publish(first);
  const signing = afterStep.sign(published);
  const publish = noon + 10 * MINUTE;
  const sign = publish + DEPLOYMENT + beforeSign * SECOND;
  const retire = sign + DEPLOYMENT + beforeRetire * SECOND;
  const deployments = [
    { start: publish, list: published },
    { start: sign, list: signing },
    { start: retire, list: afterStep.retire(signing) },
  ];
  return { first, deployments, order };
}

const SESSION = {
  id: 'sess_0ujtsYcgvSTl8PAuAdqWYSMnLOv',
  userId: 'user_0ujtsYcgvSTl8PAuAdqWYSMnLOv',
  externalId: undefined,
  actor: { sub: 'user_support' },
} as const;

/** Returns the product's signing code in a function that has just started with these keys. */
export function functionWith(list: KeyNumbers) {
  const variables = {
    ...ENVIRONMENT,
    SESSION_KEY_IDS: list.map((number) => `session-${number}`).join(','),
    TICKET_KEY_IDS: list.map((number) => `ticket-${number}`).join(','),
  };
  const instance = anInstance(variables);
  const callAt = (at: number) => ({ instance, now: epochMs(at) });
  const session = (at: number) => ({ ...SESSION, createdAt: epochMs(at), expireAt: epochMs(at + DAY) });
  return {
    signSessionToken: (at: number, lifeInSeconds?: number) =>
      signSessionToken(session(at), { lifeInSeconds }, callAt(at)),
    jwksJson: () => jwksJson(instance),
    signTicket: async (at: number, lifeInSeconds: number) => {
      const life = { createdAt: epochMs(at), expireAt: epochMs(at + lifeInSeconds * SECOND) };
      const content = { id: 'act_0ujtsYcgvSTl8PAuAdqWYSMnLOv', permit: 'any', ...life } as const;
      return signTicket(instance, unsignedTicket(instance, content));
    },
    /** True when a session that this ticket started gets a session token. */
    isProof: (jwt: string) => {
      const end = jwt.lastIndexOf('.');
      return isTicketSignature(jwt.slice(end + 1), { signingInput: jwt.slice(0, end), hash: '' }, instance);
    },
    verifyTicket: (jwt: string, at: number) => verifyTicket(jwt, callAt(at)),
  };
}

export type Loaded = ReturnType<typeof functionWith>;

/** The variables of the functions, besides those of an instance. */
export const ENVIRONMENT = {
  FRONTEND_API_URL: 'https://clerk.example.com',
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
};

export interface Surroundings {
  /** The signing code with these keys, loaded once. */
  load(list: KeyNumbers): Loaded;
  /** Makes the JWKS endpoint serve the keys that the functions of this schedule have at the simulated instant. */
  serve(schedule: Schedule): void;
  readonly jwks: string;
  stop(): Promise<void>;
}

/** A KMS with three keys of each kind, and the JWKS endpoint: direct, and behind HTTP caches that were filled at `phase`. */
export async function startSurroundings(): Promise<Surroundings> {
  const directory = await mkdtemp(join(tmpdir(), 'actor-tokens-rotation-'));
  const keyIds = ['session', 'ticket'].flatMap((kind) => [1, 2, 3].map((number) => `${kind}-${number}`));
  const kms = await startKms(directory, keyIds);
  Object.assign(process.env, ENVIRONMENT, { AWS_ENDPOINT_URL_KMS: kms.endpoint });
  const loaded = new Map<string, Loaded>();
  const load = (list: KeyNumbers) => {
    const key = list.join();
    const found = loaded.get(key) ?? functionWith(list);
    loaded.set(key, found);
    return found;
  };

  let schedule: Schedule | undefined;
  async function served(name: FunctionName, at: number): Promise<string> {
    if (!schedule) throw new Error('No schedule is served.');
    return JSON.stringify(await load(listAt(at, name, schedule)).jwksJson());
  }
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const isBackend = url.pathname.endsWith('/v1/jwks');
    const phase = url.searchParams.get('phase');
    // A cache in front of the endpoint that other clients keep warm: it fetches as soon as its copy has reached its maximum age.
    const maxAge = limits.jwksMaxAgeInSeconds * SECOND;
    const fetchedAt =
      phase === null ? Date.now() : Date.now() - ((Date.now() - noon - Number(phase) + maxAge) % maxAge);
    served(isBackend ? 'backend-sessions' : 'tickets', fetchedAt).then(
      (body) => response.setHeader('content-type', 'application/json').end(body),
      () => response.writeHead(500).end(),
    );
  });
  const { endpoint, stop } = await listenLocally(server, 0);
  return {
    load,
    serve: (next) => {
      schedule = next;
    },
    jwks: endpoint,
    stop: async () => {
      await Promise.all([stop(), kms.stop()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A verifier of session tokens; returns the reason of a refusal, or undefined. */
export interface Verifier {
  readonly name: string;
  /** The time of its first request, which fills its cache. */
  readonly since: number;
  readonly refusal: (jwt: string) => Promise<string | undefined>;
}

function joseVerifier(name: string, since: number, url: string, patient: boolean): Verifier {
  // A patient verifier does not fetch for an unknown key before its cache has expired.
  const options = patient ? { cooldownDuration: Number.POSITIVE_INFINITY } : {};
  const keys = createRemoteJWKSet(new URL(url), options);
  const refusal = (jwt: string) =>
    jwtVerify(jwt, keys, { algorithms: ['RS256'] }).then(
      () => undefined,
      (error: unknown) => (error instanceof errors.JOSEError ? error.code : String(error)),
    );
  return { name, since, refusal };
}

/** A verifier of `@clerk/backend`, whose cache belongs to its secret key. */
function clerkVerifier(name: string, since: number, apiUrl: string): Verifier {
  const refusal = (jwt: string) =>
    verifyToken(jwt, { secretKey: `sk_test_${name}`, apiUrl }).then(
      () => undefined,
      (error: unknown) => (error instanceof Error && 'reason' in error ? String(error.reason) : String(error)),
    );
  return { name, since, refusal };
}

export interface Crowd {
  readonly size: number;
  /** The time of a deployment for which one verifier has the most unfavourable cache. */
  readonly unlucky: number;
}

function onStep(at: number): number {
  return noon + Math.floor((at - noon) / STEP) * STEP;
}

/** Returns verifiers of every kind, with caches filled at different times. Their names contain `round`, for separate caches. */
export function verifiers({ jwks }: Surroundings, round: string, { size, unlucky }: Crowd): readonly Verifier[] {
  const spread = Array.from({ length: size }, (_, index) => (index * 10 * MINUTE) / size);
  // Its HTTP cache fetched just before the last function was replaced, and it fetched from that cache just before the copy expired.
  const lastMoment = unlucky - SECOND;
  const askedAt = lastMoment + limits.jwksMaxAgeInSeconds * SECOND - SECOND;
  const behindCache = (phase: number) =>
    `${jwks}/.well-known/jwks.json?phase=${phase % (limits.jwksMaxAgeInSeconds * SECOND)}`;
  return [
    ...spread.flatMap((since, index) => [
      joseVerifier(`jose-${index}`, noon + since, `${jwks}/.well-known/jwks.json`, false),
      joseVerifier(`patient-jose-${index}`, noon + since, behindCache(since + 7 * SECOND), true),
      clerkVerifier(`${round}-clerk-${index}`, noon + since, jwks),
    ]),
    joseVerifier(
      'unlucky-jose',
      noon + ((onStep(askedAt) - noon) % (10 * MINUTE)),
      behindCache(lastMoment - noon),
      true,
    ),
  ];
}

export interface Failure {
  /** Minutes after noon. */
  readonly minute: number;
  readonly verifier: string;
  readonly refusal: string;
}

interface Token {
  readonly jwt: string;
  readonly expireAt: number;
}

export interface Course {
  readonly schedule: Schedule;
  readonly verifiers: readonly Verifier[];
  readonly until: number;
  /** True to stop at the first failure. */
  readonly brief?: boolean;
}

const signers: readonly FunctionName[] = ['create-sign-in', 'browser-sessions', 'backend-sessions'];

/**
 * Runs the clock from noon on. At every step each function that signs session tokens signs one, and every verifier verifies every
 * token that has not expired. Returns the refusals; there must be none.
 */
export async function failuresOf(
  { load, serve }: Surroundings,
  { schedule, verifiers, until, brief = false }: Course,
): Promise<readonly Failure[]> {
  serve(schedule);
  let tokens: readonly Token[] = [];
  const failures: Failure[] = [];
  for (let now = noon; now <= until && !(brief && failures.length > 0); now += STEP) {
    vi.setSystemTime(now);
    const signed = signers.map(async (name) => {
      const { signSessionToken } = load(listAt(now, name, schedule));
      return { jwt: await signSessionToken(now), expireAt: now + MINUTE };
    });
    tokens = [...tokens.filter(({ expireAt }) => expireAt > now), ...(await Promise.all(signed))];
    const asked = verifiers.filter(({ since }) => now >= since);
    for (const { name, refusal } of asked)
      for (const { jwt } of tokens) {
        const refused = await refusal(jwt);
        if (refused !== undefined) failures.push({ minute: (now - noon) / MINUTE, verifier: name, refusal: refused });
      }
  }
  return failures;
}
