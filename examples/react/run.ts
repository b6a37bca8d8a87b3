import type { RunOptions } from '../command.ts';
import { type RunningApp, startApp } from '../start-app.ts';
import { bundle, serve } from './serve.ts';

/** Bundles the app, and starts it and the local stack. When it rejects, nothing is left running. */
export async function startReactExample(options: RunOptions): Promise<RunningApp> {
  const scripts = await bundle();
  return startApp(options, ({ publishableKey, frontendApiUrl }) => serve(scripts, { publishableKey, frontendApiUrl }));
}
