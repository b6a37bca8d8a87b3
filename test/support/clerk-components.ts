// What tests do in the pages of an app on Clerk's prebuilt components, and to the key that signs its session tokens.
import { DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { Page } from 'playwright-core';
import { localCredentials, region } from '../../local/aws/account.ts';
import type { Local } from '../../local/product-stack.ts';

/** The paths of requests of clerk-js, at their end. */
export const CLIENT = /\/v1\/client$/;
export const TOUCH = /\/touch$/;
export const TOKENS = /\/tokens$/;
export const ME = /\/v1\/me$/;
export const SESSION = /\/v1\/client\/sessions\/[^/]+$/;

/** Opens a link and presses the button of its page. Clerk's sign-in component does the rest. */
export async function press(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByRole('button', { name: /^Continue to / }).click();
}

/** Waits for the answer to a request of clerk-js while `act` runs, and returns its status. */
export async function answerTo(page: Page, path: RegExp, act: () => Promise<unknown>): Promise<number> {
  const [answer] = await Promise.all([
    page.waitForResponse((response) => path.test(new URL(response.url()).pathname)),
    act(),
  ]);
  await answer.finished();
  return answer.status();
}

export function focus(page: Page): Promise<unknown> {
  return page.evaluate("window.dispatchEvent(new Event('focus'))");
}

/** Asks for a session token that no cache has, and ignores that there is none. */
export function askForToken(page: Page): Promise<unknown> {
  return page.evaluate('void window.Clerk.session.getToken({ skipCache: true }).catch(() => undefined)');
}

/** The errors that a page throws from now on. React removes the page when a component throws. */
export function thrownIn(page: Page): readonly string[] {
  const thrown: string[] = [];
  page.on('pageerror', ({ message }) => thrown.push(message));
  return thrown;
}

/** The key that signs the session tokens of a local run, in KMS. */
export interface SessionKey {
  /** From now on no session token can be signed. */
  fail(): Promise<unknown>;
  heal(): Promise<unknown>;
  destroy(): void;
}

export function sessionKeyOf({ kmsEndpoint, functionEnvironment }: Local): SessionKey {
  const kms = new KMSClient({ endpoint: kmsEndpoint, region, credentials: localCredentials });
  const KeyId = functionEnvironment.SESSION_KEY_IDS;
  return {
    fail: () => kms.send(new DisableKeyCommand({ KeyId })),
    heal: () => kms.send(new EnableKeyCommand({ KeyId })),
    destroy: () => kms.destroy(),
  };
}
