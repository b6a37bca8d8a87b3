// Steps 1 and 2: creating an actor token, opening its link, revoking it.
import { element, input, show, showBadge } from './dom.js';
import { requestBackend } from './page.js';
import { openTab } from './tab.js';
import { countdown, decodedJwt, durationText, jwtText, nameOf, refusalText } from './texts.js';

/** @typedef {import('./page.js').Page} Page */

/** @param {any} user */
function factorsOf({ two_factor_enabled, totp_enabled, backup_code_enabled, banned }) {
  const factors = [totp_enabled && 'TOTP', backup_code_enabled && 'backup codes'].filter(Boolean).join(', ');
  return [two_factor_enabled && `second factors: ${factors || 'yes'}`, banned && 'banned'].filter(Boolean).join(' · ');
}

/**
 * @param {any} user
 * @param {boolean} isFirst
 */
function targetChoice(user, isFirst) {
  const label = document.createElement('label');
  const radio = document.createElement('input');
  Object.assign(radio, { type: 'radio', name: 'target', value: user.id, checked: isFirst });
  const name = document.createElement('b');
  name.textContent = nameOf(user);
  const email = document.createElement('span');
  email.className = 'hint';
  email.textContent = user.email_addresses[0]?.email_address ?? user.id;
  const factors = document.createElement('span');
  factors.className = 'badge';
  factors.dataset.kind = 'warning';
  factors.textContent = factorsOf(user);
  factors.hidden = factors.textContent === '';
  label.append(radio, name, email, factors);
  return label;
}

/**
 * Lists the users who can be signed in as.
 * @param {Page} page
 */
export async function showTargets(page) {
  const { status, body } = await requestBackend(page, { operation: 'ListUsers' });
  if (status !== 200) throw new Error(refusalText(status, body));
  element('targets').replaceChildren(
    ...body.map((/** @type {any} */ user, /** @type {number} */ position) => targetChoice(user, position === 0)),
  );
}

/** Shows the two durations of the form in words. */
export function showDurations() {
  for (const id of ['link-life', 'session-life']) {
    const seconds = input(id).valueAsNumber;
    element(`${id}-text`).textContent = Number.isNaN(seconds) ? '' : `= ${durationText(seconds)}`;
  }
}

/** @param {Page} page */
function tokenStatus({ state: { actorToken, session } }) {
  const { id, status } = actorToken;
  const isRedeemed = session?.id === `sess_${id.slice('act_'.length)}`;
  return status === 'pending' && isRedeemed ? 'accepted' : status;
}

/**
 * Shows the status of the actor token, and how long its ticket can still be redeemed.
 * @param {Page} page
 */
export function showTokenStatus(page) {
  const { actorToken } = page.state;
  if (!actorToken) return;
  const status = tokenStatus(page);
  const left = actorToken.ticket.claims.exp * 1000 - page.now();
  const isLive = status === 'pending' && left > 0;
  const text = status === 'pending' && !isLive ? 'pending, ticket expired' : status;
  showBadge('token-status', text, isLive ? 'live' : 'warning');
  element('token-left').textContent = isLive ? `good for ${countdown(left)}` : '';
}

/** @param {Page} page */
function showToken(page) {
  const { actorToken } = page.state;
  show('token-error');
  element('no-token').hidden = true;
  element('token').hidden = false;
  element('token-id').textContent = actorToken.id;
  input('link').value = actorToken.url;
  /** @type {HTMLAnchorElement} */ (element('open-link')).href = actorToken.url;
  element('ticket').textContent = jwtText(actorToken.ticket);
  showTokenStatus(page);
  element('open-link').focus({ preventScroll: true });
  element('link-title').scrollIntoView({ block: 'nearest' });
}

/**
 * Creates the actor token that the form describes.
 * @param {Page} page
 */
export async function createToken(page) {
  show('create-error');
  const target = /** @type {HTMLInputElement | null} */ (document.querySelector('input[name=target]:checked'));
  const body = {
    user_id: target?.value,
    actor: { sub: input('actor').value },
    ...(input('reason').value && { reason: input('reason').value }),
    expires_in_seconds: input('link-life').valueAsNumber,
    session_max_duration_in_seconds: input('session-life').valueAsNumber,
  };
  const as_operator = input('as-operator').checked;
  const answer = await requestBackend(page, { operation: 'CreateActorToken', body, as_operator });
  if (answer.status !== 200) return show('create-error', refusalText(answer.status, answer.body));
  page.state.actorToken = { ...answer.body, ticket: decodedJwt(answer.body.token) };
  showToken(page);
}

/**
 * Opens the app's sign-in page in the app's tab, as the button of the link's page does, or shows why the API refuses the link.
 * @param {Page} page
 */
export async function skipLink({ state, log, now }) {
  show('token-error');
  const { url, token } = state.actorToken;
  const response = await fetch(url);
  log.add({ by: 'playground', at: now(), method: 'GET', path: new URL(url).pathname, status: response.status });
  if (response.ok) return openTab(`/sign-in?${new URLSearchParams({ __clerk_ticket: token })}`);
  const body = await response.json().catch(() => undefined);
  show('token-error', refusalText(response.status, body));
}

/** @param {Page} page */
export async function revokeToken(page) {
  const { actorToken } = page.state;
  show('token-error');
  const answer = await requestBackend(page, { operation: 'RevokeActorToken', id: actorToken.id });
  if (answer.status === 200) actorToken.status = answer.body.status;
  else show('token-error', refusalText(answer.status, answer.body));
  showTokenStatus(page);
}
