import { createServer } from 'node:http';
import { createClerkClient } from '@clerk/express';
import { type LocalServer, listenLocally } from '../../local/aws/server.ts';
import { type Local, startLocal } from '../../local/product-stack.ts';
import type { RunOptions } from '../command.ts';
import { createApp } from './app.ts';

/** The app, and the local stack that it calls. */
export interface ExpressExample {
  readonly app: LocalServer;
  readonly local: Local;
  /** Creates an actor token for the first user and returns its link, which signs in as that user. */
  createLink(actorSub: string): Promise<string>;
  stop(): Promise<void>;
}

/** Starts the local stack and the app. When it rejects, nothing is left running. */
export async function startExpressExample({ ports, ...options }: RunOptions): Promise<ExpressExample> {
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
  server.on('request', createApp({ publishableKey, secretKey, apiUrl, frontendApiUrl, origin }));

  const clerk = createClerkClient({ secretKey, apiUrl, telemetry: { disabled: true } });
  return {
    app,
    local,
    createLink: async (sub) => {
      const { url } = await clerk.actorTokens.create({
        userId: userIds[0] ?? '',
        actor: { sub },
        expiresInSeconds: 3600,
      });
      if (!url) throw new Error('The actor token has no link.');
      return url;
    },
    stop: async () => {
      await app.stop();
      await local.stop();
    },
  };
}
