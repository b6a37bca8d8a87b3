// Forged and misspelled JWS, one class each. Every verifier of the product refuses them, and accepts what they are made from.
import {
  constants,
  createHash,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  KeyObject,
  privateEncrypt,
  publicDecrypt,
  type SignKeyObjectInput,
  sign,
  verify,
} from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiError } from '../../../shared/base/errors.ts';
import type { Instance } from '../../../shared/base/instance.ts';
import { epochMs } from '../../../shared/base/time.ts';
import { verifyOperator } from '../../../shared/operators/verified-operator.ts';
import { publicKeyFrom } from '../../../shared/signing/public-key.ts';
import { verifyTicket } from '../../../shared/signing/ticket.ts';
import { verifiedPayload } from '../../../shared/signing/verify.ts';
import { aPendingActorToken } from '../../support/given.ts';
import { testInstance } from '../../support/http.ts';
import { startIdentityProvider } from '../../support/identity-provider.ts';
import { decoded, type Members, segment, TICKET_HEADER, ticketKey } from '../../support/tickets.ts';
import { recordFigure } from '../figures.ts';

/** A JWS that a verifier accepts, in its parts, and the key that signed it. */
interface Genuine {
  readonly header: Members;
  readonly claims: Members;
  readonly key: KeyObject;
}

type Forge = (genuine: Genuine) => string;
type Forgery = readonly [name: string, forge: Forge];

const AUDIENCE = 'api://actor-tokens';
const ownKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const otherKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const ecKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;

const jwkOf = (key: KeyObject) => createPublicKey(key).export({ format: 'jwk' });

function inputOf({ header, claims }: Pick<Genuine, 'header' | 'claims'>): string {
  return `${segment(header)}.${segment(claims)}`;
}

/** Returns a compact JWS with this signature. */
function withSignature(genuine: Genuine, signature: Uint8Array | string): string {
  const text = typeof signature === 'string' ? signature : Buffer.from(signature).toString('base64url');
  return `${inputOf(genuine)}.${text}`;
}

function signed(genuine: Genuine, hash = 'sha256', options: Omit<SignKeyObjectInput, 'key'> = {}): Buffer {
  return sign(hash, Buffer.from(inputOf(genuine)), { key: genuine.key, ...options });
}

/** Signs a changed header or changed claims with a key, by default with the genuine one. */
function resigned(genuine: Genuine, changes: Partial<Genuine>, hash?: string, options = {}): string {
  const changed = { ...genuine, ...changes };
  return withSignature(changed, signed(changed, hash, options));
}

const changedHeader =
  (members: Members, key?: KeyObject): Forge =>
  (genuine) =>
    resigned(genuine, { header: { ...genuine.header, ...members }, ...(key && { key }) });

const unsigned =
  (alg: unknown, signature = ''): Forge =>
  (genuine) =>
    withSignature({ ...genuine, header: { ...genuine.header, alg } }, signature);

function hmac(genuine: Genuine, secret: string | Buffer, alg = 'HS256'): string {
  const changed = { ...genuine, header: { ...genuine.header, alg } };
  const hash = alg.replace('HS', 'sha');
  return withSignature(changed, createHmac(hash, secret).update(inputOf(changed)).digest());
}

const spkiOf = (key: KeyObject) => createPublicKey(key).export({ format: 'der', type: 'spki' });
const pemOf = (key: KeyObject) => String(createPublicKey(key).export({ format: 'pem', type: 'spki' }));
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };

/** Signed with something else than RS256 and the genuine key. */
const OTHER_ALGORITHMS: readonly Forgery[] = [
  ...['none', 'None', 'NONE', 'nOnE', '', null, ['none'], {}, undefined, 'RS256 ', 'rs256', ['RS256']].map(
    (alg): Forgery => [`no signature, alg ${JSON.stringify(alg)}`, unsigned(alg)],
  ),
  ['no signature, alg RS256', unsigned('RS256')],
  [
    'alg none with the genuine signature',
    (genuine) => unsigned('none', signed(genuine).toString('base64url'))(genuine),
  ],
  ...['HS256', 'HS384', 'HS512'].flatMap((alg): Forgery[] => [
    [`${alg} with the public key in PEM`, (genuine) => hmac(genuine, pemOf(genuine.key), alg)],
    [
      `${alg} with the public key in PEM without its last line feed`,
      (genuine) => hmac(genuine, pemOf(genuine.key).trim(), alg),
    ],
    [`${alg} with the public key in DER`, (genuine) => hmac(genuine, spkiOf(genuine.key), alg)],
    [`${alg} with the public key as a JWK`, (genuine) => hmac(genuine, JSON.stringify(jwkOf(genuine.key)), alg)],
    [`${alg} with the modulus`, (genuine) => hmac(genuine, Buffer.from(jwkOf(genuine.key).n ?? '', 'base64url'), alg)],
    [`${alg} with an empty secret`, (genuine) => hmac(genuine, '', alg)],
  ]),
  ...['RS384', 'RS512'].map(
    (alg): Forgery => [
      `${alg} with the genuine key, said to be RS256`,
      (genuine) => resigned(genuine, {}, alg.replace('RS', 'sha')),
    ],
  ),
  ['SHA-1 with the genuine key, said to be RS256', (genuine) => resigned(genuine, {}, 'sha1')],
  ['PS256 with the genuine key, said to be RS256', (genuine) => resigned(genuine, {}, 'sha256', pss)],
  ['ES256, said to be RS256', (genuine) => resigned(genuine, { key: ecKey }, 'sha256', { dsaEncoding: 'ieee-p1363' })],
  [
    'ES256',
    (genuine) =>
      resigned(genuine, { key: ecKey, header: { ...genuine.header, alg: 'ES256' } }, 'sha256', {
        dsaEncoding: 'ieee-p1363',
      }),
  ],
  ...['RS384', 'RS512', 'ES512', 'EdDSA', 'RSA1_5', 'RSA-OAEP', 'dir', 'SHA256', 'RSASSA_PKCS1_V1_5_SHA_256'].map(
    (alg): Forgery => [`the genuine signature method under the name ${alg}`, changedHeader({ alg })],
  ),
  [
    'RS512 with the genuine key',
    (genuine) => resigned(genuine, { header: { ...genuine.header, alg: 'RS512' } }, 'sha512'),
  ],
  [
    'RS384 with the genuine key',
    (genuine) => resigned(genuine, { header: { ...genuine.header, alg: 'RS384' } }, 'sha384'),
  ],
];

/** Signed with a key that comes along, or that the header says where to find. */
const EMBEDDED_KEYS: readonly Forgery[] = [
  ['another key', changedHeader({}, otherKey)],
  ['another key in jwk', changedHeader({ jwk: jwkOf(otherKey) }, otherKey)],
  [
    'another key in jwk under the genuine kid',
    (genuine) => changedHeader({ jwk: { ...jwkOf(otherKey), kid: genuine.header.kid } }, otherKey)(genuine),
  ],
  [
    'a secret in jwk',
    (genuine) => hmac({ ...genuine, header: { ...genuine.header, jwk: { kty: 'oct', k: 'AAAA' } } }, Buffer.alloc(3)),
  ],
  ...[
    'http://127.0.0.1:1/keys',
    'https://evil.example/jwks.json',
    'file:///dev/null',
    'data:application/json,{}',
  ].flatMap((url): Forgery[] => [
    [`another key at jku ${url}`, changedHeader({ jku: url }, otherKey)],
    [`another key at x5u ${url}`, changedHeader({ x5u: url }, otherKey)],
    [`another key under the kid ${url}`, changedHeader({ kid: url }, otherKey)],
  ]),
  ['another key in x5c', changedHeader({ x5c: [spkiOf(otherKey).toString('base64')] }, otherKey)],
  ...[
    '',
    '../../../../dev/null',
    '/dev/null',
    "' OR 1=1 --",
    '\0',
    '*',
    '__proto__',
    'x'.repeat(2000),
    0,
    null,
    ['a'],
  ].map(
    (kid): Forgery => [
      `another key under the kid ${JSON.stringify(kid).slice(0, 40)}`,
      changedHeader({ kid }, otherKey),
    ],
  ),
  ...['../../../../dev/null', '/dev/null', ''].map(
    (kid): Forgery => [
      `HS256 with an empty secret under the kid ${kid}`,
      (genuine) => hmac({ ...genuine, header: { ...genuine.header, kid } }, ''),
    ],
  ),
];

/** Signed with the genuine key, with header members that change the meaning of a JWS. */
const CRITICAL: readonly Forgery[] = [
  ...[['exp'], ['b64'], ['x-unknown'], [], [''], 'exp', {}, null, 1, ['alg'], ['crit'], [null]].map(
    (crit): Forgery => [`crit ${JSON.stringify(crit)}`, changedHeader({ crit, 'x-unknown': 1, exp: 1 })],
  ),
];

/** As RFC 7797 allows, with the genuine key. No token of this product has such a payload. */
const UNENCODED: readonly Forgery[] = [
  ['b64 false with crit', changedHeader({ b64: false, crit: ['b64'] })],
  [
    'b64 false with crit, and the payload unencoded',
    (genuine) => {
      const header = segment({ ...genuine.header, b64: false, crit: ['b64'] });
      const input = `${header}.${JSON.stringify(genuine.claims)}`;
      return `${input}.${sign('sha256', Buffer.from(input), genuine.key).toString('base64url')}`;
    },
  ],
];

const genuineText = (genuine: Genuine) => withSignature(genuine, signed(genuine));
const respelled =
  (position: number, spell: (part: string) => string): Forge =>
  (genuine) =>
    genuineText(genuine)
      .split('.')
      .map((part, at) => (at === position ? spell(part) : part))
      .join('.');

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** The last character of 256 bytes in base64url has four bits without a meaning. */
const SPARE = Array.from({ length: 15 }, (_, index) => index + 1);

/** The genuine JWS, spelled in another way. */
const SPELLINGS: readonly Forgery[] = [
  ...[0, 1, 2].flatMap((position): Forgery[] =>
    ['=', '==', '===', ' ', '\n', '\r\n', '\t', '\0', '\u00a0', '?', '!', '+', '/', '%3D', '~'].flatMap(
      (text): Forgery[] => [
        [`part ${position} with ${JSON.stringify(text)} behind`, respelled(position, (part) => `${part}${text}`)],
        [`part ${position} with ${JSON.stringify(text)} in front`, respelled(position, (part) => `${text}${part}`)],
        [
          `part ${position} with ${JSON.stringify(text)} inside`,
          respelled(position, (part) => `${part.slice(0, 8)}${text}${part.slice(8)}`),
        ],
      ],
    ),
  ),
  ...SPARE.map(
    (bits): Forgery => [
      `the signature with the spare bits ${bits}`,
      respelled(2, (part) => `${part.slice(0, -1)}${ALPHABET[ALPHABET.indexOf(part.slice(-1)) ^ bits]}`),
    ],
  ),
  ['the signature in hexadecimal', respelled(2, (part) => Buffer.from(part, 'base64url').toString('hex'))],
  [
    'the signature percent-encoded',
    respelled(2, (part) => `%${Buffer.from(part.slice(0, 1)).toString('hex')}${part.slice(1)}`),
  ],
  ['the signature in base64 of base64', respelled(2, segment)],
  ['a detached payload', respelled(1, () => '')],
  ['without the last dot', (genuine) => inputOf(genuine)],
  ['with a fourth part', (genuine) => `${genuineText(genuine)}.`],
  ['with a fifth part, as a JWE', (genuine) => `${genuineText(genuine)}.AA.AA`],
  ['behind an empty part', (genuine) => `.${genuineText(genuine)}`],
  ['behind the word Bearer', (genuine) => `Bearer ${genuineText(genuine)}`],
  ['twice, with a comma', (genuine) => `${genuineText(genuine)},${genuineText(genuine)}`],
  [
    'in the flattened JSON serialization',
    (genuine) => {
      const [header, payload, signature] = genuineText(genuine).split('.');
      return JSON.stringify({ protected: header, payload, signature });
    },
  ],
  [
    'in the general JSON serialization',
    (genuine) => {
      const [header, payload, signature] = genuineText(genuine).split('.');
      return JSON.stringify({ payload, signatures: [{ protected: header, signature }] });
    },
  ],
  [
    'as the payload of a JWS of another key',
    (genuine) => {
      const input = `${segment({ ...genuine.header, cty: 'JWT' })}.${segment(genuineText(genuine))}`;
      return `${input}.${sign('sha256', Buffer.from(input), otherKey).toString('base64url')}`;
    },
  ],
  [
    'as the payload of a JWS of the genuine key',
    (genuine) => {
      const input = `${segment({ ...genuine.header, cty: 'JWT' })}.${segment(genuineText(genuine))}`;
      return `${input}.${sign('sha256', Buffer.from(input), genuine.key).toString('base64url')}`;
    },
  ],
];

/** DigestInfo of RFC 8017 section 9.2, without the digest. */
const SHA256_INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/** The number that is the genuine encoding of RFC 8017 section 9.2, before RSA. */
function encoded(digest: Uint8Array, { info = SHA256_INFO, length = 256, type = 1, filler = 0xff } = {}): Buffer {
  const content = Buffer.concat([info, digest]);
  const fillers = Buffer.alloc(length - content.length - 3, filler);
  return Buffer.concat([Buffer.from([0, type]), fillers, Buffer.from([0]), content]);
}

const digestOf = (genuine: Genuine) => createHash('sha256').update(inputOf(genuine)).digest();

/** Applies the private key to a number, without any padding. */
function rawSigned(genuine: Genuine, number: Buffer): string {
  const padding = constants.RSA_NO_PADDING;
  return withSignature(genuine, privateEncrypt({ key: genuine.key, padding }, number));
}

const encodedAs =
  (change: (number: Buffer, digest: Buffer) => Buffer): Forge =>
  (genuine) =>
    rawSigned(genuine, change(encoded(digestOf(genuine)), digestOf(genuine)));

const withByte = (at: number, byte: (old: number) => number) =>
  encodedAs((number) => Buffer.from(number.map((old, position) => (position === at ? byte(old) : old))));

/** A number of 256 bytes: this content behind a padding that is shorter than it must be, and zeros or ones behind it. */
const withTail = (fillers: number, tail: number) =>
  encodedAs((_, digest) => {
    const start = Buffer.concat([
      Buffer.from([0, 1]),
      Buffer.alloc(fillers, 0xff),
      Buffer.from([0]),
      SHA256_INFO,
      digest,
    ]);
    return Buffer.concat([start, Buffer.alloc(256 - start.length, tail)]);
  });

const otherInfo = (hex: string) => encodedAs((_, digest) => encoded(digest, { info: Buffer.from(hex, 'hex') }));

const numberOf = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const bytesOf = (number: bigint, length: number) => Buffer.from(number.toString(16).padStart(length * 2, '0'), 'hex');
const modulusOf = (key: KeyObject) => numberOf(Buffer.from(jwkOf(key).n ?? '', 'base64url'));

const withNumber =
  (number: (signature: bigint, modulus: bigint) => bigint, length = 256): Forge =>
  (genuine) =>
    withSignature(genuine, bytesOf(number(numberOf(signed(genuine)), modulusOf(genuine.key)), length));

/** Each byte of the encoding in turn, other encodings that a lax parser takes for it, and other numbers as signatures. */
const SIGNATURES: readonly Forgery[] = [
  ...Array.from(
    { length: 255 },
    (_, index): Forgery => [`byte ${index + 1} of the encoding changed`, withByte(index + 1, (old) => old ^ 1)],
  ),
  ['a padding of type 0', encodedAs((_, digest) => encoded(digest, { type: 0, filler: 0 }))],
  ['a padding of type 2', encodedAs((_, digest) => encoded(digest, { type: 2 }))],
  ['a padding of zeros', encodedAs((_, digest) => encoded(digest, { filler: 0 }))],
  ['a padding of another byte', encodedAs((_, digest) => encoded(digest, { filler: 0xfe }))],
  ...[0, 8, 20, 100, 201].map(
    (fillers): Forgery => [`a padding of ${fillers} bytes, and zeros behind the digest`, withTail(fillers, 0)],
  ),
  ...[8, 100].map(
    (fillers): Forgery => [`a padding of ${fillers} bytes, and ones behind the digest`, withTail(fillers, 0xff)],
  ),
  ['the digest without its DigestInfo', otherInfo('')],
  ['a DigestInfo without NULL', otherInfo('302f300b0609608648016503040201 0420'.replaceAll(' ', ''))],
  ['a DigestInfo with a long length', otherInfo('308131300d060960864801650304020105000420')],
  ['a DigestInfo with an indefinite length', otherInfo('3080300d060960864801650304020105000420')],
  ['a DigestInfo with a NULL of one byte', otherInfo('3032300e06096086480165030402010501000420')],
  ['a DigestInfo with an empty parameter list', otherInfo('3031300d060960864801650304020130000420')],
  ['a DigestInfo with an octet string of 31 bytes', otherInfo('3030300d06096086480165030402010500041f')],
  ['a DigestInfo of SHA-224', otherInfo('302d300d06096086480165030402040500041c')],
  ['a DigestInfo of SHA-384', otherInfo('3041300d060960864801650304020205000430')],
  ['a DigestInfo of SHA-512', otherInfo('3051300d060960864801650304020305000440')],
  ['a DigestInfo of SHA-512/256', otherInfo('3031300d060960864801650304020605000420')],
  ['a DigestInfo of SHA3-256', otherInfo('3031300d060960864801650304020805000420')],
  ['a DigestInfo of SHA-1', otherInfo('3021300906052b0e03021a05000414')],
  ['a DigestInfo of MD5', otherInfo('3020300c06082a864886f70d020505000410')],
  ['the digest of the digest', encodedAs((_, digest) => encoded(createHash('sha256').update(digest).digest()))],
  ['a digest of zeros', encodedAs(() => encoded(Buffer.alloc(32)))],
  ['the digest of nothing', encodedAs(() => encoded(createHash('sha256').digest()))],
  [
    'the digest of the claims alone',
    (genuine) => rawSigned(genuine, encoded(createHash('sha256').update(segment(genuine.claims)).digest())),
  ],
  ['the number 0', withNumber(() => 0n)],
  ['the number 1', withNumber(() => 1n)],
  ['the number 2', withNumber(() => 2n)],
  ['the modulus', withNumber((_, modulus) => modulus)],
  ['the modulus less 1', withNumber((_, modulus) => modulus - 1n)],
  ['the modulus and 1', withNumber((_, modulus) => modulus + 1n)],
  ['the negative signature', withNumber((signature, modulus) => modulus - signature)],
  ['the signature and the modulus', withNumber((signature, modulus) => signature + modulus, 257)],
  ['the signature and 1', withNumber((signature) => signature + 1n)],
  ['the encoding without RSA', (genuine) => withSignature(genuine, encoded(digestOf(genuine)))],
  ['the signature behind a zero', withNumber((signature) => signature, 257)],
  [
    'the signature before a zero',
    (genuine) => withSignature(genuine, Buffer.concat([signed(genuine), Buffer.alloc(1)])),
  ],
  ['the signature without its last byte', (genuine) => withSignature(genuine, signed(genuine).subarray(0, -1))],
  ['the signature without its first byte', (genuine) => withSignature(genuine, signed(genuine).subarray(1))],
  ['the signature twice', (genuine) => withSignature(genuine, Buffer.concat([signed(genuine), signed(genuine)]))],
  ['the signature reversed', (genuine) => withSignature(genuine, signed(genuine).reverse())],
  ['64 bytes of zeros', (genuine) => withSignature(genuine, Buffer.alloc(64))],
  ['4,096 bytes of ones', (genuine) => withSignature(genuine, Buffer.alloc(4096, 255))],
  [
    'the signature of other claims',
    (genuine) => withSignature(genuine, signed({ ...genuine, claims: { ...genuine.claims, exp: 1 } })),
  ],
  [
    'the signature of another header',
    (genuine) => withSignature(genuine, signed({ ...genuine, header: { ...genuine.header, typ: 'JOSE' } })),
  ],
];

const FORGERIES: readonly Forgery[] = [
  ...OTHER_ALGORITHMS,
  ...EMBEDDED_KEYS,
  ...CRITICAL,
  ...UNENCODED,
  ...SPELLINGS,
  ...SIGNATURES,
];

const withClaims =
  (claims: Members): Forge =>
  (genuine) =>
    resigned(genuine, { claims: { ...genuine.claims, ...claims } });

/** Signs claims as text, with a claim twice or with numbers that JavaScript does not write. */
const withClaimsText =
  (change: (text: string) => string): Forge =>
  (genuine) => {
    const input = `${segment(genuine.header)}.${segment(change(JSON.stringify(genuine.claims)))}`;
    return `${input}.${sign('sha256', Buffer.from(input), genuine.key).toString('base64url')}`;
  };

const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

/** Signed with the genuine key, with times that are no numbers or lie outside of what is accepted. */
const TIMES: readonly Forgery[] = [
  ...['exp', 'iat'].flatMap((name): Forgery[] => [
    ...[
      String(inSeconds(60)),
      `${inSeconds(60)}`,
      '',
      null,
      true,
      [inSeconds(60)],
      { now: 1 },
      -1,
      0,
      -0,
      0.5,
      undefined,
    ].map((value): Forgery => [`${name} ${JSON.stringify(value)}`, withClaims({ [name]: value })]),
    ...['1e400', '-1e400', '1e308', '99999999999999999999'].map(
      (value): Forgery => [
        `${name} ${value}`,
        withClaimsText((text) => text.replace(new RegExp(`"${name}":\\d+`), `"${name}":${value}`)),
      ],
    ),
  ]),
  ...['', String(inSeconds(-60)), 1e308, inSeconds(600), null, true].map(
    (value): Forgery => [`nbf ${JSON.stringify(value)}`, withClaims({ nbf: value })],
  ),
];

/** Signed with the genuine key. Of a member that is there twice the last one counts (RFC 7519 section 4). */
const DUPLICATES: readonly Forgery[] = [
  ...['iss', 'aud', 'exp', 'iat', 'sub'].map(
    (name): Forgery => [`${name} a second time`, withClaimsText((text) => text.replace(/\}$/, `,"${name}":{}}`))],
  ),
  ...['alg', 'typ', 'kid', 'crit'].map(
    (name): Forgery => [
      `${name} a second time in the header`,
      (genuine) => {
        const input = `${segment(JSON.stringify(genuine.header).replace(/\}$/, `,"${name}":"none"}`))}.${segment(genuine.claims)}`;
        return `${input}.${sign('sha256', Buffer.from(input), genuine.key).toString('base64url')}`;
      },
    ],
  ),
];

/** True when a verifier accepts a text, false when it refuses it as it should. Throws for any other error. */
type Accepts = (jws: string) => Promise<boolean>;

const unlessRefused =
  (codes: readonly string[], verify: (jws: string) => Promise<unknown>): Accepts =>
  (jws) =>
    verify(jws).then(
      () => true,
      (error: unknown) => {
        if (error instanceof ApiError && codes.includes(error.code)) return false;
        throw error;
      },
    );

/** Returns the names of the forgeries that a verifier accepts. */
async function accepted(accepts: Accepts, genuine: Genuine, forgeries = FORGERIES): Promise<readonly string[]> {
  const names: string[] = [];
  for (const [name, forge] of forgeries) if (await accepts(forge(genuine))) names.push(name);
  return names;
}

const now = () => epochMs(Date.now());

describe('a forged JWS', () => {
  let corp: Awaited<ReturnType<typeof startIdentityProvider>>;
  let withOperators: Instance;
  let ticket: Genuine;
  let operatorToken: Genuine;
  const instance = testInstance();
  const acceptsTicket = unlessRefused(['ticket_invalid_code'], (jws) => verifyTicket(jws, { instance, now: now() }));
  const acceptsOperator = unlessRefused(['authentication_invalid'], (jws) =>
    verifyOperator(jws, { instance: withOperators, now: now() }),
  );

  beforeAll(async () => {
    corp = await startIdentityProvider(AUDIENCE);
    withOperators = testInstance({}, { operators: { required: false, issuers: [corp.configuration] } });
    const { header, payload: claims } = decoded(await corp.token());
    if (!corp.privateKey) throw new Error('The identity provider has no key.');
    operatorToken = { header, claims, key: KeyObject.from(corp.privateKey) };
    const { payload } = decoded((await aPendingActorToken()).ticket);
    ticket = { header: TICKET_HEADER, claims: payload, key: ticketKey() };
  });
  afterAll(() => corp.stop());

  test('is no ticket', async () => {
    expect(await acceptsTicket(genuineText(ticket))).toBe(true);
    const wrong = await accepted(acceptsTicket, ticket);
    recordFigure({ check: 'JWS classes, as tickets', cases: `${FORGERIES.length} vectors`, violations: wrong.length });
    expect(wrong).toEqual([]);
  });

  test("is no operator's token", async () => {
    expect(await acceptsOperator(genuineText(operatorToken))).toBe(true);
    const forgeries = [...FORGERIES, ...TIMES, ...DUPLICATES];
    const wrong = await accepted(acceptsOperator, operatorToken, forgeries);
    recordFigure({
      check: 'JWS classes, as operator tokens',
      cases: `${forgeries.length} vectors`,
      violations: wrong.length,
    });
    expect(wrong).toEqual([]);
  });

  test('is no operator token when everybody can sign with the published key', async () => {
    // With the exponent 1 a signature is the encoding itself.
    corp.publishAlso({ ...jwkOf(otherKey), e: 'AQ', kid: 'exponent-1', alg: 'RS256', use: 'sig' });
    const own = testInstance({}, { operators: { required: false, issuers: [corp.configuration] } });
    const header = { ...operatorToken.header, kid: 'exponent-1' };
    const forged = { ...operatorToken, header };

    const refusal = verifyOperator(withSignature(forged, encoded(digestOf(forged))), { instance: own, now: now() });

    await expect(refusal).rejects.toMatchObject({ code: 'authentication_invalid' });
  });

  test('is no payload that the key signed, where only the signature is wrong', async () => {
    const key = await publicKeyFrom('key', spkiOf(ownKey));
    const genuine = { header: { alg: 'RS256' }, claims: { a: 1 }, key: ownKey };
    const accepts: Accepts = async (jws) => (await verifiedPayload(jws, key)) !== undefined;
    const forgeries = [...OTHER_ALGORITHMS, ...EMBEDDED_KEYS, ...CRITICAL, ...SIGNATURES];

    expect(await accepts(genuineText(genuine))).toBe(true);
    const wrong = await accepted(accepts, genuine, forgeries);
    recordFigure({
      check: 'JWS classes, by the key alone',
      cases: `${forgeries.length} vectors`,
      violations: wrong.length,
    });
    expect(wrong).toEqual([]);
  });
});

/** Verifiers with a fault that verifiers have had, and a forgery that only this fault accepts. */
describe('the classes notice a verifier that', () => {
  const genuine = { header: { alg: 'RS256' }, claims: { a: 1 }, key: ownKey };
  const publicKey = createPublicKey(ownKey);
  const partsOf = (jws: string) => {
    const [header = '', payload = '', signature = ''] = jws.split('.');
    return {
      header: JSON.parse(Buffer.from(header, 'base64url').toString()),
      input: `${header}.${payload}`,
      signature,
    };
  };
  const isSignedBy = (key: KeyObject, jws: string) => {
    const { input, signature } = partsOf(jws);
    return verify('sha256', Buffer.from(input), key, Buffer.from(signature, 'base64url'));
  };
  /** The number behind a signature, or nothing for one that RSA cannot read. */
  const numberBehind = (jws: string) => {
    const { input, signature } = partsOf(jws);
    const bytes = Buffer.from(signature, 'base64url');
    const digest = createHash('sha256').update(input).digest();
    try {
      return { digest, number: publicDecrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, bytes) };
    } catch {
      return { digest, number: Buffer.alloc(0) };
    }
  };

  test.each<[what: string, fault: (jws: string) => boolean, forgery: string]>([
    [
      'accepts alg none',
      (jws) => isSignedBy(publicKey, jws) || /^none$/i.test(partsOf(jws).header.alg),
      'no signature, alg "nOnE"',
    ],
    [
      'takes the algorithm from the header, and the public key for a secret',
      (jws) => {
        const { header, input, signature } = partsOf(jws);
        if (header.alg !== 'HS256') return isSignedBy(publicKey, jws);
        return createHmac('sha256', pemOf(ownKey)).update(input).digest('base64url') === signature;
      },
      'HS256 with the public key in PEM',
    ],
    [
      'takes the hash from the header',
      (jws) => {
        const { header, input, signature } = partsOf(jws);
        const hash = header.alg === 'RS512' ? 'sha512' : 'sha256';
        return verify(hash, Buffer.from(input), publicKey, Buffer.from(signature, 'base64url'));
      },
      'RS512 with the genuine key',
    ],
    ['ignores the algorithm', (jws) => isSignedBy(publicKey, jws), 'the genuine signature method under the name RS384'],
    ['ignores crit', (jws) => isSignedBy(publicKey, jws), 'crit ["x-unknown"]'],
    [
      'takes the key from the header',
      (jws) => {
        const { jwk } = partsOf(jws).header;
        return isSignedBy(jwk?.kty === 'RSA' ? createPublicKey({ key: jwk, format: 'jwk' }) : publicKey, jws);
      },
      'another key in jwk',
    ],
    [
      'looks for the digest at the end of the number',
      (jws) => {
        const { digest, number } = numberBehind(jws);
        return number.subarray(-32).equals(digest);
      },
      'a DigestInfo of SHA-512/256',
    ],
    [
      'looks for the digest anywhere in the number',
      (jws) => {
        const { digest, number } = numberBehind(jws);
        return number.includes(digest);
      },
      'a padding of 8 bytes, and zeros behind the digest',
    ],
    ['accepts every spelling', (jws) => isSignedBy(publicKey, jws), 'the signature with the spare bits 15'],
  ])('%s', async (_, fault, forgery) => {
    const accepts: Accepts = async (jws) => {
      try {
        return fault(jws);
      } catch {
        return false;
      }
    };

    expect(await accepts(genuineText(genuine))).toBe(true);
    const one = FORGERIES.filter(([name]) => name === forgery);
    expect(await accepted(accepts, genuine, one)).toEqual([forgery]);
  });
});
