import { createServer } from 'node:http';
import { createClerkClient } from '@clerk/backend';
import { type LocalServer, listenLocally } from '../../local/aws/server.ts';
import { type Local, startLocal } from '../../local/product-stack.ts';
import type { RunOptions } from '../command.ts';
import { bundle, serve } from './serve.ts';

/** The app, and the local stack that it calls. */
export interface ReactExample {
  readonly app: LocalServer;
  readonly local: Local;
  /** Creates an actor token, by default for the first user, and returns its id and its link, which signs in as that user. */
  createLink(actorSub: string, params?: LinkParams): Promise<{ readonly id: string; readonly url: string }>;
  stop(): Promise<void>;
}

interface LinkParams {
  readonly userId?: string | undefined;
  readonly expiresInSeconds?: number;
}

/** Bundles the app, and starts it and the local stack. When it rejects, nothing is left running. */
export async function startReactExample({ ports, ...options }: RunOptions): Promise<ReactExample> {
  const scripts = await bundle();
  const server = createServer();
  // The app listens first, because the stack is configured with the origin whose pages may call it.
  const app = await listenLocally(server, ports[0]);
  const origin = app.endpoint;
  const signInUrl = `${origin}/sign-in`;
  const starting = startLocal({ ...options, port: ports[1], fresh: true, allowedOrigin: origin, signInUrl });
  const local = await starting.catch(async (error: unknown) => {
    await app.stop();
    throw error;
  });
  const { baseUrl: apiUrl, frontendApiUrl, publishableKey, secretKey, userIds } = local.instance;
  server.on('request', serve(scripts, { publishableKey, frontendApiUrl }));

  const clerk = createClerkClient({ secretKey, apiUrl, telemetry: { disabled: true } });
  return {
    app,
    local,
    createLink: async (sub, { userId = userIds[0] ?? '', expiresInSeconds = 3600 } = {}) => {
      const { id, url } = await clerk.actorTokens.create({ userId, actor: { sub }, expiresInSeconds });
      if (!url) throw new Error('The actor token has no link.');
      return { id, url };
    },
    stop: async () => {
      await app.stop();
      await local.stop();
    },
  };
}
