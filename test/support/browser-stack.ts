// For tests in a real browser: a stack of their own without a sign-in page, and an app on another origin that it allows.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocal } from '../../local/local.ts';
import { serveAppPage } from './app-page.ts';
import { checkLogsForSecrets, rememberSecrets } from './secrets.ts';

export interface BrowserStack {
  readonly baseUrl: string;
  readonly appOrigin: string;
  /** A call of the app's server. */
  // biome-ignore lint/suspicious/noExplicitAny: an answer of any operation; the tests state what is in it.
  readonly backend: (method: 'GET' | 'POST', path: string, body?: object) => Promise<any>;
  /** A pending actor token for Ada Lovelace by Sam Support, unless told. */
  readonly actorToken: (
    params?: object,
  ) => Promise<{ readonly id: string; readonly token: string; readonly url: string }>;
  stop(): Promise<void>;
}

export async function startBrowserStack(): Promise<BrowserStack> {
  const dir = await mkdtemp(join(tmpdir(), 'actor-tokens-browser-'));
  const app = await serveAppPage(() => local.instance.baseUrl);
  const local = await startLocal({ port: 0, dir, fresh: true, allowedOrigin: app.origin, signInUrl: '' });
  const { baseUrl, secretKey, userIds } = local.instance;
  rememberSecrets(dir, [secretKey]);
  const headers = { authorization: `Bearer ${secretKey}`, 'content-type': 'application/json' };
  const backend: BrowserStack['backend'] = async (method, path, body) => {
    const response = await fetch(baseUrl + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${text}`);
    rememberSecrets(dir, [text]);
    return JSON.parse(text);
  };
  const given = { user_id: userIds[0], actor: { sub: 'support_7', name: 'Sam Support' } };
  return {
    baseUrl,
    appOrigin: app.origin,
    backend,
    actorToken: (params = {}) => backend('POST', '/v1/actor_tokens', { ...given, ...params }),
    stop: async () => {
      await Promise.all([local.stop(), app.stop()]);
      try {
        await checkLogsForSecrets(dir, [local.logFile]);
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    },
  };
}
