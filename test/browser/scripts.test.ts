// clerk-js as Clerk's React loaders load it: from the Frontend API, which leads to the version that the tests run.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { clerkJSScriptUrl, clerkUIScriptUrl } from '@clerk/shared/loadClerkJsScript';
import { expect, onTestFinished, test } from 'vitest';
import { listenLocally } from '../../local/aws/server.ts';
import manifest from '../../package.json' with { type: 'json' };
import { publishableKeyOf } from '../../shared/base/publishable-key.ts';
import { hasChromium, launchChromium } from '../support/chromium.ts';
import { loadClerk } from '../support/clerk-page.ts';
import { startSynthesized } from '../support/synthesized-stack.ts';

const dist = join(import.meta.dirname, '../../node_modules/@clerk/clerk-js/dist');
const PINNED = `/npm/@clerk/clerk-js@${manifest.devDependencies['@clerk/clerk-js']}/dist/`;

test.skipIf(!hasChromium)('a page that asks for clerk-js 6 loads the tested version', async () => {
  const asked: string[] = [];
  /** The app's page, and the host of scripts. */
  const server = createServer(async ({ url = '' }, response) => {
    if (url === '/') {
      const { frontendApiUrl, publishableKey } = local.instance;
      response.setHeader('content-type', 'text/html; charset=utf-8');
      // Of the Frontend API, and of where it leads.
      response.setHeader('content-security-policy', `script-src ${frontendApiUrl} ${endpoint}`);
      return response.end(`<!doctype html><title>App</title>
        <script src="${frontendApiUrl}/npm/@clerk/clerk-js@6/dist/clerk.browser.js" crossorigin="anonymous"
          data-clerk-publishable-key="${publishableKey}" data-clerk-proxy-url="${frontendApiUrl}"></script>`);
    }
    asked.push(url);
    response.setHeader('access-control-allow-origin', '*').setHeader('content-type', 'text/javascript; charset=utf-8');
    const file = url.startsWith(PINNED) ? url.slice(PINNED.length) : '';
    return readFile(join(dist, file)).then(
      (text) => response.end(text),
      () => response.writeHead(404).end(),
    );
  });
  const { endpoint, stop } = await listenLocally(server, 0);
  onTestFinished(stop);
  const variables = { ALLOWED_ORIGINS: endpoint, SCRIPTS_URL: `${endpoint}/npm` };
  const local = await startSynthesized('scripts', variables, { allowedOrigin: endpoint });
  onTestFinished(local.stop);
  const chromium = await launchChromium();
  onTestFinished(() => chromium.close());

  const page = await chromium.newPage();
  await page.goto(endpoint);
  await loadClerk(page);

  expect(asked.filter((url) => url.endsWith('.js'))).toEqual([`${PINNED}clerk.browser.js`]);
});

test("Clerk's loaders ask for the scripts by https, unless the proxy is named by a path", () => {
  const publishableKey = publishableKeyOf(new URL('http://127.0.0.1:3000'));
  const asked = (proxyUrl: string) =>
    [clerkJSScriptUrl, clerkUIScriptUrl].map((urlOf) => urlOf({ publishableKey, proxyUrl }).split('/npm/')[0]);

  expect(asked('')).toEqual(['https://127.0.0.1:3000', 'https://127.0.0.1:3000']);
  expect(asked('http://127.0.0.1:3000')).toEqual(['https://127.0.0.1:3000', 'https://127.0.0.1:3000']);
  expect(asked('/__clerk')).toEqual(['/__clerk', '/__clerk']);
});
