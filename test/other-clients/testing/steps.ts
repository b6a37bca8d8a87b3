// docs: testing
import { clerk, clerkSetup, setupClerkTestingToken } from '@clerk/testing/playwright';
import type { Page } from '@playwright/test';

/** In the global setup of Playwright. */
export async function prepare(options: { publishableKey: string; secretKey: string; apiUrl: string }): Promise<void> {
  await clerkSetup({ ...options, dotenv: false });
}

/** Signs in with the ticket of an actor token, on a page that has loaded clerk-js. */
export async function signIn(page: Page, ticket: string): Promise<void> {
  await setupClerkTestingToken({ page });
  await clerk.signIn({ page, signInParams: { strategy: 'ticket', ticket } });
}

export async function signOut(page: Page): Promise<void> {
  await clerk.signOut({ page });
}
// end
