// The public test vectors of the project Wycheproof (https://github.com/C2SP/wycheproof, Apache-2.0) for JWS with RSA keys. They are
// not in this repository: Go downloads them as the module of this version, and they stay in its cache for the next runs.
import { execFile } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compactVerify, errors } from 'jose';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { epochMs } from '../../../shared/base/time.ts';
import { identityProvidersOf } from '../../../shared/operators/issuer-keys.ts';
import { publicKeyFrom } from '../../../shared/signing/public-key.ts';
import { isCompactJws, verifiedPayload } from '../../../shared/signing/verify.ts';
import { testInstance } from '../../support/http.ts';
import { startIdentityProvider } from '../../support/identity-provider.ts';
import { isLong, recordFigure } from '../figures.ts';
import { timeout } from './seeded.ts';

const MODULE = 'github.com/c2sp/wycheproof@v0.0.0-20260902155932-3fa63dd0344a';
/** The hash of the module in Go's database of checksums. */
const SUM = 'h1:pNbL2nztRsWfW/ispAwsvcDFxs9Id38uIsR2/Up5G2c=';

/** Returns the folder of the vectors; undefined without Go, or where the quick form does not find them in its cache. */
async function folderOfVectors(): Promise<string | undefined> {
  const env = { ...process.env, ...(!isLong && { GOPROXY: 'off' }) };
  try {
    const { stdout } = await promisify(execFile)('go', ['mod', 'download', '-json', MODULE], { cwd: tmpdir(), env });
    const { Dir, Sum } = v.parse(v.object({ Dir: v.string(), Sum: v.literal(SUM) }), JSON.parse(stdout));
    return Sum === SUM ? join(Dir, 'testvectors_v1') : undefined;
  } catch (error) {
    if (v.isValiError(error)) throw error;
    return undefined;
  }
}

const jwk = v.looseObject({ kty: v.string(), alg: v.optional(v.string()) });
const file = v.object({
  testGroups: v.array(
    v.object({
      comment: v.string(),
      public: v.optional(v.union([v.object({ keys: v.array(jwk) }), jwk])),
      tests: v.array(
        v.object({
          tcId: v.number(),
          comment: v.string(),
          jws: v.union([v.string(), v.looseObject({})]),
          result: v.picklist(['valid', 'invalid']),
        }),
      ),
    }),
  ),
});

type Group = v.InferOutput<typeof file>['testGroups'][number];
type Vector = Group['tests'][number];

const folder = await folderOfVectors();
const groupsOf = (name: string): readonly Group[] =>
  folder === undefined ? [] : v.parse(file, JSON.parse(readFileSync(join(folder, name), 'utf8'))).testGroups;

const keysOf = ({ public: published }: Group): readonly v.InferOutput<typeof jwk>[] =>
  published === undefined ? [] : 'keys' in published ? (published.keys as v.InferOutput<typeof jwk>[]) : [published];

/** A JWS as a text; a vector in the JSON serialization is its JSON. */
const textOf = ({ jws }: Vector) => (typeof jws === 'string' ? jws : JSON.stringify(jws));

/** Returns whether the algorithm that the JWS states is RS256, the only one here. */
function isRs256(vector: Vector): boolean {
  try {
    return JSON.parse(Buffer.from(textOf(vector).split('.')[0] ?? '', 'base64url').toString()).alg === 'RS256';
  } catch {
    return false;
  }
}

/** A valid vector of another algorithm is refused here. */
const isAcceptable = (vector: Vector) => vector.result === 'valid' && isRs256(vector);

const nameOf = ({ comment }: Group, { tcId, comment: about }: Vector) => `${comment} ${tcId} ${about}`;

describe.skipIf(folder === undefined)('the vectors of Wycheproof, which need Go and once the network', () => {
  const signatures = groupsOf('json_web_signature_test.json');
  const keys = groupsOf('json_web_key_test.json');
  const isRsa = (group: Group) => keysOf(group).some(({ kty }) => kty === 'RSA');
  /** A key of KMS has no members that state another use or algorithm, by which these vectors are invalid. */
  const isForRs256 = (group: Group) => keysOf(group).every(({ alg }) => alg === 'RS256');

  test('each JWS for an RSA key is verified as it should be by the key alone', { timeout }, async () => {
    const wrong: string[] = [];
    let count = 0;
    for (const group of signatures.filter((each) => isRsa(each) && isForRs256(each))) {
      const [published] = keysOf(group);
      const spki = createPublicKey({ key: { ...published }, format: 'jwk' }).export({ format: 'der', type: 'spki' });
      const key = await publicKeyFrom('key', spki);
      for (const vector of group.tests) {
        count += 1;
        const text = textOf(vector);
        const isAccepted = isCompactJws(text) && (await verifiedPayload(text, key)) !== undefined;
        if (isAccepted !== isAcceptable(vector)) wrong.push(nameOf(group, vector));
      }
    }
    recordFigure({ check: 'JWS of Wycheproof, by the key', cases: `${count} vectors`, violations: wrong.length });
    expect(wrong).toEqual([]);
    expect(count).toBeGreaterThan(230);
  });

  test('no JWS for another kind of key is accepted', { timeout }, async () => {
    const [rsa] = signatures.filter(isRsa).flatMap(keysOf);
    const spki = createPublicKey({ key: { ...rsa }, format: 'jwk' }).export({ format: 'der', type: 'spki' });
    const key = await publicKeyFrom('key', spki);
    const others = signatures.filter((group) => !isRsa(group)).flatMap(({ tests }) => tests.map(textOf));

    const accepted = [];
    for (const text of others) if (await verifiedPayload(text, key)) accepted.push(text);

    expect(accepted).toEqual([]);
    expect(others.length).toBeGreaterThan(50);
  });

  /**
   * Accepted, and invalid by the vectors: the key comes from a generator of primes with a fault (CVE-2017-15361), which one can see in its
   * modulus. Nobody but the owner of the identity provider can publish such a key, so the product does not look for it.
   */
  const EXPLAINED = ['jws_rsa_roca_key 7 rejectsKeyWithRocaVulnerability'];

  test('each JWS is verified as it should be with the published keys of an issuer', { timeout }, async () => {
    const wrong: string[] = [];
    let count = 0;
    for (const group of [...signatures, ...keys].filter(isRsa)) {
      const corp = await startIdentityProvider('api://actor-tokens');
      for (const key of keysOf(group)) corp.publishAlso(key);
      const instance = testInstance({}, { operators: { required: false, issuers: [corp.configuration] } });
      const provider = identityProvidersOf(instance).get(corp.issuer);
      if (!provider) throw new Error('There is no identity provider.');
      for (const vector of group.tests) {
        count += 1;
        const text = textOf(vector);
        const verified = compactVerify(text, provider.keysAt(epochMs(Date.now())), { algorithms: ['RS256'] });
        const isVerified = await verified.then(
          () => true,
          (error: unknown) => {
            if (error instanceof errors.JOSEError) return false;
            throw error;
          },
        );
        const isAccepted = isVerified && isCompactJws(text);
        if (isAccepted !== isAcceptable(vector)) wrong.push(nameOf(group, vector));
      }
      await corp.stop();
    }
    const unexplained = wrong.filter((name) => !EXPLAINED.includes(name));
    const cases = `${count - EXPLAINED.length} vectors`;
    recordFigure({ check: 'JWS of Wycheproof, by an issuer', cases, violations: unexplained.length });
    expect(wrong).toEqual(EXPLAINED);
    expect(count).toBeGreaterThan(300);
  });
});
