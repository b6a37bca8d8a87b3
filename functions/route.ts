import type * as v from 'valibot';
import type { ErrorCode } from '../shared/base/errors.ts';
import type { RequiredScope } from '../shared/secret-keys/secret-key.ts';

/** The callers of an operation: servers with a secret key of this scope, browsers with their client cookie, or anyone. */
type Callers =
  | { readonly audience: 'backend'; readonly scope: RequiredScope }
  | { readonly audience: 'frontend' | 'public'; readonly scope?: never };

export type Audience = Callers['audience'];

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * The methods by which requests reach an operation. HEAD of what anyone may GET is answered as that GET, without content (RFC 9110
 * section 9.3.2). clerk-js sends PUT, PATCH and DELETE as `POST …?_method=DELETE`, which needs no preflight.
 */
export function httpMethodsOf({
  method,
  audience,
}: {
  readonly method: Method;
  readonly audience: Audience;
}): readonly (Method | 'HEAD')[] {
  if (method === 'GET') return audience === 'public' ? ['GET', 'HEAD'] : ['GET'];
  return audience === 'frontend' && method !== 'POST' ? [method, 'POST'] : [method];
}

/** One answer of an operation, besides errors. */
export interface RouteAnswer {
  readonly description: string;
  /** The schema of a JSON body, a media type of a text, or undefined without a body. */
  readonly content?: { readonly json: v.GenericSchema } | { readonly text: string };
  /** The answer redirects: it has a `Location`. */
  readonly isRedirect?: true;
  /** The answer may be kept: it has an `ETag`. */
  readonly isKept?: true;
}

/** One HTTP operation: how requests reach it, what it takes, and all that it answers. */
export type Route = Callers & {
  readonly operation: string;
  /** The Lambda, and the name of its entry file in this folder. */
  readonly lambda: string;
  readonly method: Method;
  readonly path: string;
  /** Operators may use it with a token of the company's identity provider, in place of a secret key. */
  readonly isForOperators?: true;
  /** Counts every error answer of the operation as `Refused`. */
  readonly isRefusalCounted?: true;
  /** The effect, in a few words, for people. */
  readonly summary: string;
  readonly query?: v.ObjectSchema<v.ObjectEntries, undefined> | v.StrictObjectSchema<v.ObjectEntries, undefined>;
  readonly json?: v.StrictObjectSchema<v.ObjectEntries, undefined>;
  readonly form?: v.ObjectSchema<v.ObjectEntries, undefined>;
  /** Examples of the JSON body. */
  readonly examples?: readonly object[];
  /** The answers by their status; none for an operation that always refuses. */
  readonly answers: Readonly<Record<number, RouteAnswer>>;
  /** Error codes besides those of its audience and of calls to AWS (codes.ts). */
  readonly codes: readonly ErrorCode[];
  /** A browser without a cookie of this product gets an answer too. */
  readonly isForUnknownClients?: true;
  /** People get a page in place of the error envelope. */
  readonly isForPeople?: true;
};

/** One answer, 200 with a JSON body. */
export function jsonAnswer(description: string, json: v.GenericSchema): Readonly<Record<200, RouteAnswer>> {
  return { 200: { description, content: { json } } };
}

/** One answer, 200 with a text of this media type. */
export function textAnswer(description: string, mediaType: string): Readonly<Record<200, RouteAnswer>> {
  return { 200: { description, content: { text: mediaType } } };
}

/** An answer that may be kept, and the one to a request that names its entity tag in `If-None-Match`. */
export function keptAnswers(answers: Readonly<Record<200, RouteAnswer>>): Readonly<Record<200 | 304, RouteAnswer>> {
  const unchanged = 'The content still is the one whose entity tag is in `If-None-Match`.';
  return { 200: { ...answers[200], isKept: true }, 304: { description: unchanged, isKept: true } };
}

/** One answer that redirects. */
export function redirectAnswer(status: 303 | 307, description: string): Readonly<Record<number, RouteAnswer>> {
  return { [status]: { description, isRedirect: true } };
}
