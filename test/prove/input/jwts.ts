// Mutations of signed JWTs: of their text, of the bytes behind it, and of header and claims as JSON.
import { createHmac } from 'node:crypto';
import { segment } from '../../support/tickets.ts';
import { mutatedJson } from './json.ts';
import type { Choices } from './seeded.ts';
import { type Mutation, TEXT_MUTATIONS } from './texts.ts';

function partsOf(jwt: string): readonly [header: string, payload: string, signature: string] {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  return [header, payload, signature];
}

function withPart(jwt: string, position: number, change: (part: string) => string): string {
  return partsOf(jwt)
    .map((part, at) => (at === position ? change(part) : part))
    .join('.');
}

const bytesOf = (part: string) => Buffer.from(part, 'base64url');

function withBytes(jwt: string, position: number, change: (bytes: Buffer) => Buffer): string {
  return withPart(jwt, position, (part) => change(bytesOf(part)).toString('base64url'));
}

/** The JSON of a part, or an empty object for a part that is none. */
function jsonOf(part: string) {
  try {
    return JSON.parse(bytesOf(part).toString());
  } catch {
    return {};
  }
}

const HEADER_NAMES = ['alg', 'typ', 'kid', 'crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c', 'zip', 'cty', 'cat'];
const CLAIM_NAMES = ['exp', 'iat', 'nbf', 'iss', 'aud', 'sub', 'sid', 'iid', 'st', 'permit', 'eis', 'act'];
const ALGORITHMS = [
  'none',
  'None',
  'nOnE',
  '',
  'HS256',
  'HS512',
  'RS384',
  'RS512',
  'PS256',
  'ES256',
  'EdDSA',
  'rs256',
  'RSA1_5',
];
const SPARE_BITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function flipped(bytes: Buffer, { below }: Choices): Buffer {
  const copy = Buffer.from(bytes);
  const at = below(Math.max(copy.length, 1));
  copy[at] = (copy[at] ?? 0) ^ (1 << below(8));
  return copy;
}

/** Mutations that know the structure of a JWT. None of them signs anew with the key of the JWT. */
const STRUCTURAL: readonly Mutation[] = [
  ['a flipped bit of a part', (jwt, choices) => withBytes(jwt, choices.below(3), (bytes) => flipped(bytes, choices))],
  [
    'other header members',
    (jwt, choices) => withPart(jwt, 0, (part) => segment(mutatedJson(jsonOf(part), choices, HEADER_NAMES)[1])),
  ],
  [
    'other claims',
    (jwt, choices) => withPart(jwt, 1, (part) => segment(mutatedJson(jsonOf(part), choices, CLAIM_NAMES)[1])),
  ],
  [
    'another algorithm',
    (jwt, { pick, onceIn }) => {
      const header = segment({ ...jsonOf(partsOf(jwt)[0]), alg: pick(ALGORITHMS) });
      const [, payload, signature] = partsOf(jwt);
      return `${header}.${payload}.${onceIn(2) ? '' : signature}`;
    },
  ],
  [
    'signed with HS256',
    (jwt, { pick }) => {
      const input = `${segment({ ...jsonOf(partsOf(jwt)[0]), alg: 'HS256' })}.${partsOf(jwt)[1]}`;
      return `${input}.${createHmac('sha256', pick(['', 'secret', 'RS256']))
        .update(input)
        .digest('base64url')}`;
    },
  ],
  [
    'spare bits in a part',
    (jwt, { below, pick }) => withPart(jwt, below(3), (part) => `${part.slice(0, -1)}${pick([...SPARE_BITS])}`),
  ],
  [
    'padding behind a part',
    (jwt, { below, pick }) => withPart(jwt, below(3), (part) => `${part}${pick(['=', '==', '==='])}`),
  ],
  [
    'the other alphabet of base64',
    (jwt, { below }) => withPart(jwt, below(3), (part) => part.replaceAll('-', '+').replaceAll('_', '/')),
  ],
  ['a part less', (jwt, { below }) => partsOf(jwt).toSpliced(below(3), 1).join('.')],
  ['an empty part', (jwt, { below }) => withPart(jwt, below(3), () => '')],
  [
    'two parts exchanged',
    (jwt, { pick }) => {
      const parts = partsOf(jwt);
      return pick([
        [1, 0, 2],
        [0, 2, 1],
        [2, 1, 0],
        [1, 2, 0],
        [2, 0, 1],
      ])
        .map((at) => parts[at])
        .join('.');
    },
  ],
  [
    'a part more',
    (jwt, { pick }) => pick([`${jwt}.`, `.${jwt}`, `${jwt}.${jwt}`, `${jwt}.AAAA`, jwt.replace('.', '..')]),
  ],
  [
    'a signature of another length',
    (jwt, { below, onceIn }) =>
      withBytes(jwt, 2, (bytes) =>
        onceIn(2) ? bytes.subarray(0, below(bytes.length)) : Buffer.concat([bytes, Buffer.alloc(1 + below(300))]),
      ),
  ],
  ['zeros before the signature', (jwt) => withBytes(jwt, 2, (bytes) => Buffer.concat([Buffer.alloc(1), bytes]))],
  ['a signature of one byte value', (jwt, { pick }) => withBytes(jwt, 2, (bytes) => bytes.fill(pick([0, 1, 255])))],
  [
    'JSON serialization',
    (jwt) => {
      const [header, payload, signature] = partsOf(jwt);
      return JSON.stringify({ protected: header, payload, signature });
    },
  ],
  ['a JWT in a JWT', (jwt) => withPart(jwt, 1, () => segment(jwt))],
];

/** Mutations of a JWT, half of them of its text alone. */
export const JWT_MUTATIONS: readonly Mutation[] = [...STRUCTURAL, ...TEXT_MUTATIONS];
