import { createServer, type RequestListener } from 'node:http';
import { type LocalServer, listenLocally } from '../local/aws/server.ts';
import type { LocalInstance } from '../local/instance.ts';
import { type Local, startLocal } from '../local/product-stack.ts';
import type { RunOptions } from './command.ts';

/** An app of an example, and the local stack that it calls. */
export interface RunningApp {
  readonly app: LocalServer;
  readonly local: Local;
  stop(): Promise<void>;
}

/**
 * Starts an app, and a local stack for it. When it rejects, nothing is left running.
 *
 * @param appOf returns the app, whose pages have this origin and call this instance
 * @param signInPath the app's sign-in page, which redeems tickets; empty for an app without one, where the page of the link redeems them
 */
export async function startApp(
  { ports, ...options }: RunOptions,
  appOf: (instance: LocalInstance, origin: string) => RequestListener,
  signInPath = '/sign-in',
): Promise<RunningApp> {
  const server = createServer();
  // The app listens first, because the stack is configured with the origin whose pages may call it.
  const app = await listenLocally(server, ports[0]);
  const origin = app.endpoint;
  const signInUrl = signInPath && origin + signInPath;
  const starting = startLocal({ ...options, port: ports[1], fresh: true, allowedOrigin: origin, signInUrl });
  const local = await starting.catch(async (error: unknown) => {
    await app.stop();
    throw error;
  });
  server.on('request', appOf(local.instance, origin));
  const stop = async () => {
    await app.stop();
    await local.stop();
  };
  return { app, local, stop };
}
