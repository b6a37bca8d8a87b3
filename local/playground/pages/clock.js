// The local clock, which is that of the API's functions.
import { showBadge } from './dom.js';
import { readJson } from './page.js';
import { findSession, refreshSession } from './session.js';
import { isTabOpen, openTab } from './tab.js';
import { offsetText } from './texts.js';
import { showTimes } from './times.js';

/** @typedef {import('./page.js').Page} Page */

/** @param {Page} page @param {RequestInit} [init] */
async function readClock(page, init) {
  const { now, offset_seconds } = await readJson(await fetch('/__local/clock', init));
  page.state.clockAheadMs = now - Date.now();
  showBadge('clock-offset', offsetText(offset_seconds), offset_seconds === 0 ? '' : 'warning');
  page.post({ type: 'clock', offset_seconds });
  showTimes(page);
}

/** @param {Page} page */
export function showClock(page) {
  return readClock(page);
}

/**
 * Moves the clock, and shows what that does to the session.
 * @param {Page} page
 * @param {{ advance_seconds: number } | { reset: true }} move
 */
export async function moveClock(page, move) {
  const headers = { 'content-type': 'application/json' };
  await readClock(page, { method: 'POST', headers, body: JSON.stringify(move) });
  if (!page.state.hasEnded) return refreshSession(page);
  // Going back can bring a session back that had timed out. clerk-js finds it when the app loads.
  await findSession(page);
  if (!page.state.hasEnded && isTabOpen()) openTab();
}
