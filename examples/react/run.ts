import { createClerkClient } from '@clerk/backend';
import type { RunOptions } from '../command.ts';
import { type RunningApp, startApp } from '../start-app.ts';
import { bundle, serve } from './serve.ts';

/** The app, and the local stack that it calls. */
export interface ReactExample extends RunningApp {
  /** Creates an actor token, by default for the first user, and returns its id and its link, which signs in as that user. */
  createLink(actorSub: string, params?: LinkParams): Promise<{ readonly id: string; readonly url: string }>;
}

interface LinkParams {
  readonly userId?: string | undefined;
  readonly expiresInSeconds?: number;
}

/** Bundles the app, and starts it and the local stack. When it rejects, nothing is left running. */
export async function startReactExample(options: RunOptions): Promise<ReactExample> {
  const scripts = await bundle();
  const running = await startApp(options, ({ publishableKey, frontendApiUrl }) =>
    serve(scripts, { publishableKey, frontendApiUrl }),
  );
  const { baseUrl: apiUrl, secretKey, userIds } = running.local.instance;

  const clerk = createClerkClient({ secretKey, apiUrl, telemetry: { disabled: true } });
  return {
    ...running,
    createLink: async (sub, { userId = userIds[0] ?? '', expiresInSeconds = 3600 } = {}) => {
      const { id, url } = await clerk.actorTokens.create({ userId, actor: { sub }, expiresInSeconds });
      if (!url) throw new Error('The actor token has no link.');
      return { id, url };
    },
  };
}
