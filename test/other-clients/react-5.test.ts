// An app on the previous major of Clerk's React components and of clerk-js, unmodified, in Chromium.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunOptions } from '../../examples/command.ts';
import { bundle, type Scripts, serve } from '../../examples/react/serve.ts';
import { type RunningApp, startApp } from '../../examples/start-app.ts';
import { describeReactApp } from '../support/react-app.ts';
import { install } from './install.ts';

const folder = fileURLToPath(new URL('react-5', import.meta.url));
const packages = join(folder, 'node_modules');

/** The scripts of clerk-js, by the paths at which the app serves them. */
async function clerkScripts(): Promise<Scripts> {
  const dist = join(packages, '@clerk/clerk-js/dist');
  const files = (await readdir(dist)).filter((file) => file.endsWith('.js'));
  const read = async (file: string) => [`/clerk-js/${file}`, await readFile(join(dist, file))] as const;
  return new Map(await Promise.all(files.map(read)));
}

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
  const scripts = new Map([...own, ...(await clerkScripts())]);
  return startApp(options, ({ publishableKey, frontendApiUrl }) => serve(scripts, { publishableKey, frontendApiUrl }));
}

describeReactApp('@clerk/clerk-react 5 with clerk-js 5', startReact5App);
