// Step 4: the session of this browser, from its sign-in to its end.
import { bar, button, element, nameText, show, showBadge } from './dom.js';
import { readFrontend, requestBackend } from './page.js';
import { decodedJwt, endReason, jwtText, nameOf, refusalText } from './texts.js';
import { showTimes } from './times.js';

/** @typedef {import('./page.js').Page} Page */

/**
 * Shows a session token of the app's tab.
 * @param {Page} page
 * @param {string} jwt
 */
export function showSessionToken({ state }, jwt) {
  const { header, claims } = decodedJwt(jwt);
  Object.assign(state, { jwt, claims });
  element('jwt').textContent = jwtText({ header, claims });
  bar('jwt-bar').max = claims.exp - claims.iat;
}

/** @param {{ actor: any, user: any }} session @param {string} words */
function showActing({ actor, user }, words) {
  element('session-text').replaceChildren(nameText(actor.sub), ` ${words} `, nameText(nameOf(user)), '.');
}

/** @param {Page} page */
function showNewSession({ state: { session, claims } }) {
  if (!claims) element('jwt').textContent = 'The app’s tab has none yet.';
  element('why').hidden = true;
  show('session-error');
  element('session').hidden = false;
  button('tab-open').disabled = false;
  element('session-id').textContent = session.id;
  showActing(session, 'is acting as');
  bar('end-bar').max = Math.max(1, (session.expire_at - session.created_at) / 1000);
}

/**
 * Looks for the session to which this browser is signed in, and shows it when it is another one.
 * @param {Page} page
 */
export async function findSession(page) {
  const { state, post } = page;
  const { body } = await readFrontend(page, '/v1/client');
  const [session] = body.response?.sessions ?? [];
  if (!session || (session.id === state.session?.id && !state.hasEnded)) return;
  Object.assign(state, { session, hasEnded: false });
  if (state.claims?.sid !== session.id) Object.assign(state, { claims: undefined, jwt: undefined });
  showNewSession(page);
  post({ type: 'hello' });
  showTimes(page);
}

/** What remains of a session after `npm start -- --fresh`. */
const DELETED = /** @type {const} */ ({ short: 'deleted', kind: '', text: 'The API no longer has this session.' });

/**
 * Shows why the session has ended, as the Backend API answers it.
 * @param {Page} page
 */
async function showEnd(page) {
  const { state } = page;
  const { id, actor, user } = state.session;
  const { status, body } = await requestBackend(page, { operation: 'GetSession', id });
  const isStored = status === 200;
  const reason = isStored ? endReason(body, state.instance.inactivity_in_seconds) : DELETED;
  if (!reason || state.session.id !== id) return;
  Object.assign(state, { hasEnded: true, session: { ...state.session, ...(isStored && body), user, actor } });
  showBadge('session-status', reason.short, reason.kind);
  show('why', reason.text);
  showActing({ actor, user }, 'is no longer acting as');
  showTimes(page);
  // Another sign-in of this browser may have replaced it.
  await findSession(page);
}

/**
 * Reads the session without activity: this request signs no token and does not move the inactivity limit.
 * @param {Page} page
 */
export async function refreshSession(page) {
  const { state } = page;
  if (!state.session || state.hasEnded) return;
  const { id } = state.session;
  const { status, body } = await readFrontend(page, `/v1/client/sessions/${id}`);
  if (state.session.id !== id || state.hasEnded) return;
  if (status === 200) state.session = body.response;
  else if (status === 401 || status === 404) await showEnd(page);
  showTimes(page);
}

/** @param {Page} page */
export async function revokeSession(page) {
  show('session-error');
  const answer = await requestBackend(page, { operation: 'RevokeSession', id: page.state.session.id });
  if (answer.status !== 200) return show('session-error', refusalText(answer.status, answer.body));
  await refreshSession(page);
}
