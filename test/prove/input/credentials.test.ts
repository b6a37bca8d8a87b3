// No mutation of a credential is accepted, in one character or more: each has one spelling.
import { createClerkClient } from '@clerk/backend';
import { decodeJwt, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { ApiError } from '../../../shared/base/errors.ts';
import type { Instance } from '../../../shared/base/instance.ts';
import { epochMs } from '../../../shared/base/time.ts';
import { allowedRedirect } from '../../../shared/http/redirect.ts';
import { verifyOperator } from '../../../shared/operators/verified-operator.ts';
import { sessionKeysOf } from '../../../shared/signing/signing-keys.ts';
import { verifyTicket } from '../../../shared/signing/ticket.ts';
import { aPendingActorToken, aSignedInBrowser } from '../../support/given.ts';
import { call, testInstance } from '../../support/http.ts';
import { startIdentityProvider } from '../../support/identity-provider.ts';
import { isLong } from '../figures.ts';
import { JWT_MUTATIONS } from './jwts.ts';
import { type Choices, expectNoViolation, MANY, timeout, violationsOf } from './seeded.ts';
import { type Mutation, mutated, TEXT_MUTATIONS } from './texts.ts';
import { URL_MUTATIONS } from './urls.ts';

const FILE = 'test/prove/input/credentials.test.ts';
const AUDIENCE = 'api://actor-tokens';
const instance = testInstance();
const callOn = (on: Instance) => ({ instance: on, now: epochMs(Date.now()) });

/** Returns the outcome for a text: `accepted`, or the code of its refusal. */
type Try = (text: string) => Promise<string>;

/** Returns a judge of mutations of a credential: a violation is each outcome but these refusals. */
const isRefused =
  (tried: Try, mutations: readonly Mutation[], refusals: readonly string[]) =>
  async (choices: Choices, given: string): Promise<string | undefined> => {
    const [name, text] = mutated(given, choices, mutations);
    const outcome = await tried(text);
    return refusals.includes(outcome) ? undefined : `${name}: ${outcome}`;
  };

/** Returns the outcome of a function that rejects with an `ApiError` for each text that it does not accept. */
const outcomeOf =
  (verify: (text: string) => Promise<unknown>): Try =>
  (text) =>
    verify(text).then(
      () => 'accepted',
      (error: unknown) => (error instanceof ApiError ? error.code : `an error, ${error}`),
    );

describe('a ticket', () => {
  const NAME = 'no mutation of a ticket is accepted';
  const check = { name: 'Tickets', test: [FILE, NAME], cases: isLong ? 100_000 : 3000 } as const;
  const aTicket = async () => (await aPendingActorToken()).ticket;
  const judge = (tried: Try) => isRefused(tried, JWT_MUTATIONS, ['ticket_invalid_code']);

  test(NAME, { timeout }, async () => {
    const tried = outcomeOf((text) => verifyTicket(text, callOn(instance)));

    expect(await tried(await aTicket())).toBe('accepted');
    await expectNoViolation({ ...check, unit: 'mutations' }, aTicket, judge(tried));
  });

  test.each<[what: string, verify: (text: string) => Promise<unknown>]>([
    ['does not look at the spelling', (text) => verifyTicket(text.trim().replaceAll('=', ''), callOn(instance))],
    ['reads the claims and verifies nothing', async (text) => decodeJwt(text)],
  ])('the mutations notice a verifier that %s', { timeout }, async (_, verify) => {
    const violations = await violationsOf({ ...check, cases: MANY, enough: 1 }, aTicket, judge(outcomeOf(verify)));

    expect(violations).toHaveLength(1);
  });
});

describe('an operator token', () => {
  const NAME = 'no mutation of an operator token is accepted';
  let corp: Awaited<ReturnType<typeof startIdentityProvider>>;
  let withOperators: Instance;

  beforeAll(async () => {
    corp = await startIdentityProvider(AUDIENCE);
    withOperators = testInstance({}, { operators: { required: false, issuers: [corp.configuration] } });
  });
  afterAll(() => corp.stop());

  const check = { name: 'Operator tokens', test: [FILE, NAME], block: 2000, cases: isLong ? 50_000 : 2000 } as const;
  const judge = (tried: Try) => isRefused(tried, JWT_MUTATIONS, ['authentication_invalid']);

  test(NAME, { timeout }, async () => {
    const tried = outcomeOf((text) => verifyOperator(text, callOn(withOperators)));

    expect(await tried(await corp.token())).toBe('accepted');
    await expectNoViolation({ ...check, unit: 'mutations' }, () => corp.token(), judge(tried));
  });

  test('the mutations notice a verifier that accepts every spelling of base64', { timeout }, async () => {
    const lax = outcomeOf((text) =>
      jwtVerify(text, corp.publicKey ?? new Uint8Array()).catch(() => {
        throw new ApiError('authentication_invalid');
      }),
    );

    expect(await violationsOf({ ...check, cases: MANY, enough: 1 }, () => corp.token(), judge(lax))).toHaveLength(1);
  });
});

describe('the cookie of a client', () => {
  const NAME = 'no mutation of the cookie of a client is accepted';
  const check = { name: 'Client cookies', test: [FILE, NAME], block: 500, cases: isLong ? 10_000 : 1000 } as const;
  const aToken = async () => (await aSignedInBrowser()).browser.cookie('__Host-client') ?? '';
  const asked = async (cookies: readonly string[]) => {
    const { status, json, cookies: set } = await call({ path: '/v1/me', cookies });
    return set.length > 0 ? 'sets a cookie' : status === 200 ? 'accepted' : json.errors[0].code;
  };
  const judge = (tried: Try) => isRefused(tried, TEXT_MUTATIONS, ['signed_out', 'authentication_invalid']);

  test(NAME, { timeout }, async () => {
    const tried: Try = (text) => asked([`__Host-client=${text}`]);

    expect(await tried(await aToken())).toBe('accepted');
    await expectNoViolation({ ...check, unit: 'mutations' }, aToken, judge(tried));
  });

  test('the mutations notice cookies that are read without regard to blanks and quotes', { timeout }, async () => {
    const lax: Try = (text) => asked([`__Host-client=${text.replace(/^[\s"]+|[\s"]+$/g, '')}`]);

    expect(await violationsOf({ ...check, cases: MANY, enough: 1 }, aToken, judge(lax))).toHaveLength(1);
  });
});

describe('a secret key', () => {
  const NAME = 'no mutation of a secret key is accepted';
  const { secretKey } = inject('stack');
  const refusals = ['clerk_key_invalid', 'authorization_header_format_invalid', 'authentication_invalid'];

  const check = { name: 'Secret keys', test: [FILE, NAME], cases: isLong ? 10_000 : 1000 } as const;
  const aKey = async () => secretKey;
  const judge = (tried: Try) => isRefused(tried, TEXT_MUTATIONS, refusals);
  const asked = async (authorization: string) => {
    const { status, json } = await call({ path: '/v1/jwks', headers: { authorization } });
    return status === 200 ? 'accepted' : json.errors[0].code;
  };

  test(NAME, { timeout }, async () => {
    // One or more spaces stand before the key (RFC 9110 section 11.4), so a space more is no mutation of it.
    const tried: Try = (text) => asked(`Bearer ${text.replace(/^ +/, '\t')}`);

    expect(await tried(secretKey)).toBe('accepted');
    await expectNoViolation({ ...check, unit: 'mutations' }, aKey, judge(tried));
  });

  test('the mutations notice a key that is read without regard to blanks', { timeout }, async () => {
    const lax: Try = (text) => asked(`Bearer ${text.trim()}`);

    expect(await violationsOf({ ...check, cases: MANY, enough: 1 }, aKey, judge(lax))).toHaveLength(1);
  });
});

describe('the cookie of a handshake', () => {
  const NAME = 'no mutation of the cookie of a handshake is accepted';
  const { publishableKey, allowedOrigin, secretKey, baseUrl } = inject('stack');
  const page = `${allowedOrigin}/page`;
  const aHandshake = async () => {
    const { browser } = await aSignedInBrowser();
    await browser.get(`/v1/client/handshake?redirect_url=${encodeURIComponent(page)}`);
    return browser.cookie('__clerk_handshake') ?? '';
  };
  /** Clerk's client reads this cookie, and not the product. It decodes base64 without regard to spare bits and padding. */
  const bytesOf = (jwt: string) =>
    jwt
      .split('.')
      .map((part) => Buffer.from(part, 'base64url').toString('hex'))
      .join('.');

  test(NAME, { timeout }, async () => {
    const check = {
      name: 'Handshake cookies',
      test: [FILE, NAME],
      unit: 'mutations',
      cases: isLong ? 10_000 : 500,
    } as const;
    const [key] = await sessionKeysOf(instance).all();
    const jwtKey = key?.key.export({ format: 'pem', type: 'spki' }).toString() ?? '';
    const clerk = createClerkClient({ publishableKey, secretKey, apiUrl: baseUrl, jwtKey });
    const tried = async (handshake: string) => {
      const headers = {
        cookie: `__clerk_handshake=${encodeURIComponent(handshake.toWellFormed())}; __client_uat=1`,
        'sec-fetch-dest': 'document',
      };
      const state = await clerk.authenticateRequest(new Request(page, { headers }));
      return state.isAuthenticated ? 'accepted' : 'refused';
    };
    const judge = async (choices: Choices, given: string) => {
      const [name, text] = mutated(given, choices, JWT_MUTATIONS);
      if (bytesOf(text) === bytesOf(given)) return undefined;
      return (await tried(text)) === 'accepted' ? `${name}: accepted` : undefined;
    };

    // Clerk's client prints each handshake that it refuses.
    vi.spyOn(console, 'error').mockReturnValue();
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    expect(await tried(await aHandshake())).toBe('accepted');
    await expectNoViolation(check, aHandshake, judge);
  });
});

describe('a redirect URL', () => {
  const NAME = 'no mutation of a redirect URL leads to another origin';
  const check = { name: 'Redirect URLs', test: [FILE, NAME], cases: isLong ? 100_000 : 5000 } as const;
  const origins = [...instance.allowedOrigins];
  const aPage = async () => `${inject('stack').allowedOrigin}/account?tab=1#top`;
  /** Compares texts, where the product compares parsed origins. */
  const leadsElsewhere = (url: string) =>
    !origins.some((origin) => url.startsWith(`${origin}/`)) || /[^\x21-\x7e]/.test(url);
  const judge = (redirectTo: (text: string) => string | undefined) => async (choices: Choices, given: string) => {
    const [name, text] = mutated(given, choices, URL_MUTATIONS);
    const url = redirectTo(text);
    return url !== undefined && leadsElsewhere(url) ? `${name}: leads to another origin` : undefined;
  };

  test(NAME, { timeout }, async () => {
    const redirectTo = (text: string) => allowedRedirect(new URLSearchParams({ redirect_url: text }), instance)?.href;

    expect(redirectTo(await aPage())).toBe(await aPage());
    await expectNoViolation({ ...check, unit: 'mutations' }, aPage, judge(redirectTo));
  });

  test.each<[what: string, redirectTo: (text: string) => string | undefined]>([
    ['compares the beginning of the text', (text) => origins.find((origin) => text.startsWith(origin)) && text],
    ['looks for the origin anywhere', (text) => origins.find((origin) => text.includes(origin)) && text],
    [
      'compares the host alone',
      (text) =>
        URL.canParse(text) && origins.some((origin) => new URL(origin).host === new URL(text).host)
          ? new URL(text).href
          : undefined,
    ],
  ])('the mutations notice a check that %s', { timeout }, async (_, redirectTo) => {
    expect(await violationsOf({ ...check, cases: MANY, enough: 1 }, aPage, judge(redirectTo))).toHaveLength(1);
  });
});
