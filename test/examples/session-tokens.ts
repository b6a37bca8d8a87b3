import { readFile } from 'node:fs/promises';
import {
  decodeJwt,
  decodeProtectedHeader,
  importPKCS8,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { keyFile } from '../../local/aws/kms/keys.ts';
import { directoryAt } from '../../local/directory.ts';
import type { Local } from '../../local/product-stack.ts';

type Changes<T> = { readonly [Name in keyof T]?: T[Name] | undefined };

/** Signs tokens that the product would never sign, with the key of its session tokens. */
export interface SessionTokenForge {
  /** Returns a session token of the product with other claims and another header; `undefined` removes a member. */
  sign(genuine: string, claims: Changes<JWTPayload>, header?: Changes<JWTHeaderParameters>): Promise<string>;
  readonly privateKeyPem: string;
}

/** Merges through JSON, which removes members that are undefined. */
function merge(genuine: object, changes: object) {
  return JSON.parse(JSON.stringify({ ...genuine, ...changes }));
}

/** Reads the session key from the directory of a local run. */
export async function sessionTokenForge(
  dir: string,
  { functionEnvironment }: Pick<Local, 'functionEnvironment'>,
): Promise<SessionTokenForge> {
  const id = functionEnvironment.SESSION_KEY_IDS ?? '';
  const privateKeyPem = await readFile(keyFile(directoryAt(dir).keys, id), 'utf8');
  return {
    privateKeyPem,
    sign: async (genuine, claims, header = {}) => {
      const protectedHeader = merge(decodeProtectedHeader(genuine), header);
      const key = await importPKCS8(privateKeyPem, protectedHeader.alg);
      return new SignJWT(merge(decodeJwt(genuine), claims)).setProtectedHeader(protectedHeader).sign(key);
    },
  };
}
