import axe, { type AxeResults, type RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const options: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
};

/** Returns what axe-core finds wrong with a page and its frames as they are now, such as `color-contrast: button`. */
async function violationsOf(page: Page): Promise<readonly string[]> {
  for (const frame of page.frames()) await frame.evaluate(axe.source);
  const { violations }: AxeResults = await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

/**
 * Returns the violations of WCAG 2.2 AA, and of axe-core's best practice, on a page in the light and the dark scheme; none for a page
 * without one. Afterwards the page has the scheme of the browser.
 */
export async function accessibilityViolations(page: Page): Promise<readonly string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    found.push(...(await violationsOf(page)).map((violation) => `${colorScheme}: ${violation}`));
  }
  await page.emulateMedia({ colorScheme: null });
  return found;
}
