// The state of the playground's page, and its requests.
import { refusalText } from './texts.js';

/**
 * @typedef {object} State
 * @property {any} instance the answer of /__local/playground/instance.json
 * @property {number} clockAheadMs the offset of the API's clock from this browser's
 * @property {any} actorToken as created, with its decoded ticket
 * @property {any} session as the API last answered it; kept after its end
 * @property {boolean} hasEnded true when `session` has ended
 * @property {any} claims the claims of the tab's latest session token
 * @property {string | undefined} jwt the tab's latest session token
 */

/**
 * @typedef {object} Page
 * @property {State} state
 * @property {{ add(request: import('./request-log.js').LoggedRequest): void, clear(): void }} log
 * @property {(message: import('./tab-channel.js').Message) => void} post sends a message to the app's tab
 * @property {() => number} now epoch milliseconds of the API's clock
 */

/**
 * @param {Pick<Page, 'log' | 'post'>} parts
 * @returns {Page}
 */
export function createPage({ log, post }) {
  /** @type {State} */
  const state = {
    instance: undefined,
    clockAheadMs: 0,
    actorToken: undefined,
    session: undefined,
    hasEnded: false,
    claims: undefined,
    jwt: undefined,
  };
  return { state, log, post, now: () => Date.now() + state.clockAheadMs };
}

/** @param {Response} response */
export async function readJson(response) {
  const body = await response.json();
  if (!response.ok) throw new Error(refusalText(response.status, body));
  return body;
}

/**
 * Sends a request to the Backend API through the local run, because a page must not have the secret key.
 * @param {Page} page
 * @param {object} request
 */
export async function requestBackend({ log, now }, request) {
  const response = await fetch('/__local/playground/backend', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  const answer = await readJson(response);
  log.add({ by: 'backend', at: now(), ...answer });
  return answer;
}

/**
 * Reads from the Frontend API with the browser's cookie.
 * @param {Page} page
 * @param {string} path
 */
export async function readFrontend({ log, now }, path) {
  // The terminal does not show requests with this header.
  const response = await fetch(path, { headers: { accept: 'application/json', 'x-playground-repeated': '1' } });
  const body = await response.json();
  log.add({ by: 'playground', at: now(), method: 'GET', path, status: response.status });
  return { status: response.status, body };
}
