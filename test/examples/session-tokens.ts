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

/** Signs what the product never would, with the very key that signs its session tokens. */
export interface SessionTokenForge {
  /** A session token of the product, with these changes to its claims and header; `undefined` leaves one out. */
  sign(genuine: string, claims: Changes<JWTPayload>, header?: Changes<JWTHeaderParameters>): Promise<string>;
  readonly privateKeyPem: string;
}

/** By way of JSON, which has no `undefined`. */
function changed(genuine: object, changes: object) {
  return JSON.parse(JSON.stringify({ ...genuine, ...changes }));
}

/** Takes the session key out of the directory of a local run. */
export async function sessionTokenForge(dir: string, { functionEnvironment }: Local): Promise<SessionTokenForge> {
  const id = functionEnvironment.SESSION_KEY_IDS ?? '';
  const privateKeyPem = await readFile(keyFile(directoryAt(dir).keys, id), 'utf8');
  return {
    privateKeyPem,
    sign: async (genuine, claims, header = {}) => {
      const protectedHeader = changed(decodeProtectedHeader(genuine), header);
      const key = await importPKCS8(privateKeyPem, protectedHeader.alg);
      return new SignJWT(changed(decodeJwt(genuine), claims)).setProtectedHeader(protectedHeader).sign(key);
    },
  };
}
