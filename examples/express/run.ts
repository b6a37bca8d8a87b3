import { createClerkClient } from '@clerk/express';
import type { RunOptions } from '../command.ts';
import { type RunningApp, startApp } from '../start-app.ts';
import { createApp } from './app.ts';

/** The app, and the local stack that it calls. */
export interface ExpressExample extends RunningApp {
  /** Creates an actor token for the first user and returns its link, which signs in as that user. */
  createLink(actorSub: string): Promise<string>;
}

/** Starts the local stack and the app. When it rejects, nothing is left running. */
export async function startExpressExample(options: RunOptions): Promise<ExpressExample> {
  const running = await startApp(options, ({ publishableKey, secretKey, baseUrl, frontendApiUrl }, origin) =>
    createApp({ publishableKey, secretKey, apiUrl: baseUrl, frontendApiUrl, origin }),
  );
  const { baseUrl: apiUrl, secretKey, userIds } = running.local.instance;

  const clerk = createClerkClient({ secretKey, apiUrl, telemetry: { disabled: true } });
  return {
    ...running,
    createLink: async (sub) => {
      const { url } = await clerk.actorTokens.create({
        userId: userIds[0] ?? '',
        actor: { sub },
        expiresInSeconds: 3600,
      });
      if (!url) throw new Error('The actor token has no link.');
      return url;
    },
  };
}
