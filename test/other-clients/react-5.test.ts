// An app on the previous major of Clerk's React components and of clerk-js, unmodified, in Chromium.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunOptions } from '../../examples/command.ts';
import { bundle, serve } from '../../examples/react/serve.ts';
import { type RunningApp, startApp } from '../../examples/start-app.ts';
import { describeClerkApp } from '../support/clerk-app.ts';
import { install } from './install.ts';
import { servedScripts } from './served-scripts.ts';

const folder = fileURLToPath(new URL('react-5', import.meta.url));
const packages = join(folder, 'node_modules');

async function startReact5App(options: RunOptions): Promise<RunningApp> {
  await install(folder);
  // The pages are outside of the folder, and a package that is found in two ways would be in the bundle twice.
  const components = join(packages, '@clerk/clerk-react');
  const own = await bundle({
    entryPoint: join(folder, 'main.tsx'),
    alias: {
      '@clerk/react': components,
      '@clerk/clerk-react': components,
      react: join(packages, 'react'),
      'react-dom': join(packages, 'react-dom'),
    },
  });
  const clerkJs = await servedScripts(join(packages, '@clerk/clerk-js/dist'), '/clerk-js');
  const scripts = new Map([...own, ...clerkJs]);
  return startApp(options, ({ publishableKey, frontendApiUrl }) => serve(scripts, { publishableKey, frontendApiUrl }));
}

describeClerkApp('@clerk/clerk-react 5 with clerk-js 5', startReact5App);
