import type { RunOptions } from '../command.ts';
import { createLink } from '../create-link.ts';
import { type RunningApp, startApp } from '../start-app.ts';
import { createApp } from './app.ts';

/** The app, and the local stack that it calls. */
export interface OwnSessionExample extends RunningApp {
  /** Creates an actor token for a user of the app and returns its link, which leads to this page of the app, by default `/impersonate`. */
  createLink(userId: string, actorSub: string, path?: string): Promise<string>;
}

/** Starts the local stack and the app. When it rejects, nothing is left running. */
export async function startOwnSessionExample(
  options: RunOptions,
  now: () => number = Date.now,
): Promise<OwnSessionExample> {
  const running = await startApp(
    options,
    ({ frontendApiUrl, baseUrl, secretKey }, origin) =>
      createApp({ issuer: frontendApiUrl, apiUrl: baseUrl, frontendApiUrl, secretKey, origin, now }),
    '',
  );
  return {
    ...running,
    createLink: async (userId, actorSub, path = '/impersonate') => {
      const link = new URL((await createLink(running.local.instance, actorSub, { userId })).url);
      link.searchParams.set('redirect_url', running.app.endpoint + path);
      return link.href;
    },
  };
}
