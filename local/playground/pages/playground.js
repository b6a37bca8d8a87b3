// The playground: the backend's part (actor tokens, revocation) through /__local/playground/backend, the browser's part by a tab
// that runs clerk-js. This page itself does not load clerk-js, so that nobody is active once the tab is closed.
import {
  copyLink,
  createToken,
  followToken,
  restoreToken,
  revokeToken,
  showDurations,
  skipLink,
} from './actor-token.js';
import { moveClock, showClock } from './clock.js';
import { bar, element, input, show } from './dom.js';
import { createPage, readJson } from './page.js';
import { openRecord } from './record.js';
import { openRequestLog } from './request-log.js';
import { findSession, refreshSession, revokeSession, showSessionToken } from './session.js';
import { openTab, switchTab } from './tab.js';
import { openTabChannel } from './tab-channel.js';
import { showTimes } from './times.js';
import { addUser, showTargets } from './users.js';

/** @typedef {import('./page.js').Page} Page */

const POLL_EVERY_MS = 3000;
const TICK_EVERY_MS = 250;
const RECORD_EVERY_MS = 1000;

/** @param {unknown} error */
function showFault(error) {
  // `fetch` throws a TypeError with this message when no server listens.
  const isGone = error instanceof TypeError && error.message === 'Failed to fetch';
  if (isGone) return show('fault', 'The API does not answer: is “npm start” still running?');
  const isStarting = error instanceof Error && error.message === 'Service Unavailable';
  show('fault', isStarting ? 'The API is starting …' : String(error));
}

/**
 * Returns an action that shows its error.
 * @template {unknown[]} Arguments
 * @param {(...args: Arguments) => unknown} act
 */
function guarded(act) {
  return async (/** @type {Arguments} */ ...args) => {
    try {
      await act(...args);
      show('fault');
    } catch (error) {
      showFault(error);
    }
  };
}

/** @param {Page} page @param {import('./tab-channel.js').Message} message */
function onTabMessage(page, message) {
  const { state, log, now } = page;
  if (message.type === 'request') {
    log.add({ by: 'app’s tab', at: now(), ...message });
    setTimeout(
      guarded(() => refreshSession(page)),
      TICK_EVERY_MS,
    );
  }
  if (message.type === 'state') {
    if (message.jwt && message.jwt !== state.jwt) showSessionToken(page, message.jwt);
    if (message.session_id && message.session_id !== state.session?.id) void guarded(() => findSession(page))();
  }
}

/** @param {Page} page */
function listen(page) {
  /** @param {string} id @param {() => unknown} act */
  const onClick = (id, act) => element(id).addEventListener('click', guarded(act));
  /** @param {string} id @param {() => unknown} act */
  const onSubmit = (id, act) =>
    element(id).addEventListener('submit', (event) => {
      event.preventDefault();
      void guarded(act)();
    });
  onSubmit('create', () => createToken(page));
  onSubmit('new-user', () => addUser(page));
  element('create').addEventListener('input', showDurations);
  onClick('skip-link', () => skipLink(page));
  onClick('copy-link', copyLink);
  onClick('revoke-token', () => revokeToken(page));
  onClick('revoke-session', () => revokeSession(page));
  onClick('clear', () => page.log.clear());
  onClick('clock-reset', () => moveClock(page, { reset: true }));
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-advance]'))) {
    const move = guarded(() => moveClock(page, { advance_seconds: Number(button.dataset.advance) }));
    button.addEventListener('click', move);
  }
  onClick('tab-open', switchTab);
  // The browser may have signed in elsewhere, for example by a link that was opened in another tab.
  const findNewSession = guarded(() => (page.state.session && !page.state.hasEnded ? undefined : findSession(page)));
  window.addEventListener('focus', findNewSession);
}

/** @param {Page} page */
async function showInstance({ state }) {
  state.instance = await readJson(await fetch('/__local/playground/instance.json'));
  const { is_own_sign_in_page, inactivity_in_seconds, limits } = state.instance;
  element('idle-limit').textContent = `last_active_at + ${inactivity_in_seconds} s`;
  bar('idle-bar').max = inactivity_in_seconds;
  input('link-life').max = limits.ticket_life_in_seconds;
  input('session-life').max = limits.session_max_duration_in_seconds;
  // Another page redeems the ticket, and it may not allow a frame.
  for (const id of ['skip-link', 'skip-text']) element(id).hidden = !is_own_sign_in_page;
}

/** Shows what the API knows after it has been started again. @param {Page} page */
async function showAll(page) {
  await showInstance(page);
  await showClock(page);
  await showTargets(page);
  await restoreToken(page);
  await findSession(page);
}

async function start() {
  const log = openRequestLog(element('requests'));
  /** @type {Page} */
  const page = createPage({ log, post: openTabChannel((message) => onTabMessage(page, message)) });
  listen(page);
  showDurations();
  await showAll(page);
  if (page.state.session) openTab();
  setInterval(() => showTimes(page), TICK_EVERY_MS);
  const record = openRecord(element('record'), {
    onEvent: (event) => followToken(page, event),
    onRestart: guarded(() => showAll(page)),
  });
  setInterval(
    guarded(() => record.refresh(page.now)),
    RECORD_EVERY_MS,
  );
  setInterval(
    guarded(() => refreshSession(page)),
    POLL_EVERY_MS,
  );
}

start().catch((error) => show('fault', `The playground did not start: ${error.message}`));
