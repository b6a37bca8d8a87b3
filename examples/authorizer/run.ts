import { join } from 'node:path';
import { type PlainStack, startPlainStack } from '../../local/plain-stack.ts';
import { type Local, startLocal } from '../../local/product-stack.ts';
import type { RunOptions } from '../command.ts';

/** The origin of the pages that call the API. No page needs to exist there. */
const pages = 'http://127.0.0.1:5173';

/** The stack of actor tokens, and the notes stack that accepts its session tokens. */
export interface AuthorizerExample {
  readonly notes: PlainStack;
  readonly local: Local;
  stop(): Promise<void>;
}

/** Starts both stacks. When it rejects, nothing is left running. */
export async function startAuthorizerExample(
  { ports, dir, ...options }: RunOptions,
  writesWhileImpersonating: 'allow' | 'refuse' = 'refuse',
): Promise<AuthorizerExample> {
  const local = await startLocal({
    ...options,
    port: ports[1],
    dir: join(dir, 'api'),
    fresh: true,
    allowedOrigin: pages,
  });
  const starting = startPlainStack({
    ...options,
    app: 'examples/authorizer/app.ts',
    context: { issuer: local.instance.frontendApiUrl, authorizedParties: pages, writesWhileImpersonating },
    port: ports[0],
    dir: join(dir, 'notes'),
  });
  const notes = await starting.catch(async (error: unknown) => {
    await local.stop();
    throw error;
  });
  return {
    notes,
    local,
    stop: async () => {
      await notes.stop();
      await local.stop();
    },
  };
}
