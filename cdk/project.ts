import { fileURLToPath } from 'node:url';

/** The directory of this project, or of the package in the `node_modules` of another one. */
export const project = fileURLToPath(new URL('..', import.meta.url));
