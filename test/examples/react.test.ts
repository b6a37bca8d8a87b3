// An app on Clerk's React components, unmodified and bundled, in Chromium.
import { expect, test } from 'vitest';
import { startReactExample } from '../../examples/react/run.ts';
import { describeClerkApp } from '../support/clerk-app.ts';

describeClerkApp('the React example', startReactExample, (app) => {
  test("Clerk's profile shows the e-mail address to read, and says why nothing can be changed", async () => {
    await app.signIn();
    const page = app.page();
    await page.evaluate('window.Clerk.openUserProfile()');

    await page.getByText('ada@example.com', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: /email|actions/i }).count()).toBe(0);
    await page.getByRole('button', { name: 'Update profile' }).click();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Nobody can change this account while they act as its user.').waitFor();
    await page.getByRole('button', { name: 'Security' }).click();
    await page.getByText('127.0.0.1').waitFor();
    expect(app.thrown()).toEqual([]);
  });
});
