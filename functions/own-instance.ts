import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Instance, instanceFrom } from '../shared/base/instance.ts';
import type { Authority } from '../shared/base/operators.ts';

/**
 * The operators and the policy. The stack checked them and wrote them beside the bundle, because they are longer than environment
 * variables may be. A file that is missing or that cannot be read keeps the function from starting.
 */
function authorityBeside({ AUTHORITY_FILE: file, LAMBDA_TASK_ROOT: directory = '' }: NodeJS.ProcessEnv): Authority {
  return file ? JSON.parse(readFileSync(join(directory, file), 'utf8')) : {};
}

/**
 * The instance of this function, from its environment variables. They are read when the function starts, so a function with a missing
 * or wrong variable does not start.
 */
export const ownInstance: Instance = instanceFrom(process.env, { authority: authorityBeside(process.env) });
