// An app on Clerk's Vue components, unmodified, in Chromium.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunOptions } from '../../examples/command.ts';
import { bundle, serve } from '../../examples/react/serve.ts';
import { type RunningApp, startApp } from '../../examples/start-app.ts';
import { describeClerkApp } from '../support/clerk-app.ts';
import { install } from './install.ts';
import { servedScripts } from './served-scripts.ts';

const folder = fileURLToPath(new URL('vue', import.meta.url));
const ownPackages = fileURLToPath(new URL('../../node_modules', import.meta.url));

async function startVueApp(options: RunOptions): Promise<RunningApp> {
  await install(folder);
  const scripts = new Map([
    ...(await bundle({ entryPoint: join(folder, 'main.ts') })),
    ...(await servedScripts(join(ownPackages, '@clerk/clerk-js/dist'), '/clerk-js')),
    ...(await servedScripts(join(ownPackages, '@clerk/ui/dist'), '/ui')),
  ]);
  return startApp(options, ({ publishableKey, frontendApiUrl }) => serve(scripts, { publishableKey, frontendApiUrl }));
}

describeClerkApp('@clerk/vue', startVueApp);
