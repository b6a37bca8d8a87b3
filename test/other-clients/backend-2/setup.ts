import { fileURLToPath } from 'node:url';
import { install } from '../install.ts';

/** Installs the previous major of `@clerk/backend` before the tests load it. */
export function setup(): Promise<void> {
  return install(fileURLToPath(new URL('.', import.meta.url)));
}
