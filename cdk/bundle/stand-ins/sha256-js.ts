/** Replaces the SHA-256 in JavaScript that the SDK has for a Node without `node:crypto`. */
export class Sha256Js {
  constructor() {
    throw new Error('The bundles contain no SHA-256 in JavaScript: see cdk/bundle/stand-ins/sha256-js.ts.');
  }
}
