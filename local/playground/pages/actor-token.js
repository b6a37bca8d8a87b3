// Steps 1 and 2: creating an actor token, opening its link, revoking it.
import { button, element, input, show, showBadge } from './dom.js';
import { checkNumbers, clearFieldErrors, showRefusal } from './field-errors.js';
import { requestBackend } from './page.js';
import { goToTab, openTab } from './tab.js';
import { countdown, decodedJwt, durationText, jwtText, refusalText } from './texts.js';
import { chosenTarget } from './users.js';

/** @typedef {import('./page.js').Page} Page */

const NUMBERS = { 'link-life': 'Link lifetime', 'session-life': 'Session duration' };
const FIELDS = {
  user_id: 'targets',
  actor: 'actor',
  reason: 'reason',
  expires_in_seconds: 'link-life',
  session_max_duration_in_seconds: 'session-life',
};

/** Keeps the latest actor token over a reload of the page. Links of a local run open nothing elsewhere. */
const KEPT = 'actor-token';

/** @type {Readonly<Record<string, string>>} */
const STATUSES_BY_EVENT = { 'actor_token.accepted': 'accepted', 'actor_token.revoked': 'revoked' };

/** The statuses by the error of the link. @type {Readonly<Record<string, string>>} */
const STATUSES_BY_CODE = { actor_token_already_used_code: 'accepted', actor_token_revoked_code: 'revoked' };

/** @type {Readonly<Record<string, 'info' | 'live' | 'warning' | 'fault'>>} */
const KINDS = { pending: 'info', accepted: 'live', revoked: 'fault' };

/** Shows the two durations of the form in words. */
export function showDurations() {
  for (const id of Object.keys(NUMBERS)) {
    const { valueAsNumber, validity } = input(id);
    element(`${id}-text`).textContent = validity.valid ? `= ${durationText(valueAsNumber)}` : '';
  }
}

/**
 * Shows the status of the actor token, and how long its ticket can still be redeemed.
 * @param {Page} page
 */
export function showTokenStatus(page) {
  const { actorToken } = page.state;
  if (!actorToken) return;
  const { status, ticket } = actorToken;
  const left = ticket.claims.exp * 1000 - page.now();
  const hasExpired = status === 'pending' && left <= 0;
  showBadge('token-status', hasExpired ? 'expired' : status, hasExpired ? 'warning' : (KINDS[status] ?? 'warning'));
  element('token-left').textContent = status === 'pending' && !hasExpired ? `good for ${countdown(left)}` : '';
  button('revoke-token').disabled = status !== 'pending';
}

/** @param {Page} page @param {any} created the answer of the creation, or what is kept of it */
function showToken(page, created) {
  page.state.actorToken = { ...created, ticket: decodedJwt(created.token) };
  const { id, url, ticket } = page.state.actorToken;
  for (const each of ['token-error', 'copied']) show(each);
  element('no-token').hidden = true;
  element('token').hidden = false;
  element('token-id').textContent = id;
  input('link').value = url;
  /** @type {HTMLAnchorElement} */ (element('open-link')).href = url;
  element('ticket').textContent = jwtText(ticket);
  showTokenStatus(page);
}

/** @param {Page} page @param {string} status */
function setStatus(page, status) {
  const { actorToken } = page.state;
  actorToken.status = status;
  const { id, url, token } = actorToken;
  sessionStorage.setItem(KEPT, JSON.stringify({ id, url, token, status }));
  showTokenStatus(page);
}

/**
 * Opens the page of the link, which changes nothing.
 * @param {Page} page
 * @returns {Promise<{ status: number, body: any }>} the error in `body`
 */
async function readLink({ state, log, now }) {
  const { url } = state.actorToken;
  const response = await fetch(url, { headers: { 'x-playground-repeated': '1' } });
  log.add({ by: 'playground', at: now(), method: 'GET', path: new URL(url).pathname, status: response.status });
  return { status: response.status, body: response.ok ? undefined : await response.json().catch(() => undefined) };
}

/**
 * Shows what an event of the record says about the actor token.
 * @param {Page} page
 * @param {{ type: string, detail: any }} event
 */
export function followToken(page, { type, detail }) {
  const status = STATUSES_BY_EVENT[type];
  if (status && detail.actor_token_id === page.state.actorToken?.id) setStatus(page, status);
}

/**
 * Shows the actor token that the page had before it was loaded again, unless this API has no such token.
 * @param {Page} page
 */
export async function restoreToken(page) {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
  if (!kept) return;
  showToken(page, kept);
  const { body } = await readLink(page);
  const code = body?.errors?.[0]?.code;
  // A ticket that has expired has the status that its actor token had.
  if (code === 'ticket_expired_code') return;
  if (code !== 'ticket_invalid_code') return setStatus(page, STATUSES_BY_CODE[code] ?? 'pending');
  sessionStorage.removeItem(KEPT);
  page.state.actorToken = undefined;
  element('token').hidden = true;
  element('no-token').hidden = false;
  show('token-status');
}

/**
 * Creates the actor token that the form describes.
 * @param {Page} page
 */
export async function createToken(page) {
  show('create-error');
  clearFieldErrors(Object.values(FIELDS));
  if (!checkNumbers(NUMBERS)) return;
  const body = {
    user_id: chosenTarget(),
    actor: { sub: input('actor').value },
    ...(input('reason').value && { reason: input('reason').value }),
    expires_in_seconds: input('link-life').valueAsNumber,
    session_max_duration_in_seconds: input('session-life').valueAsNumber,
  };
  const as_operator = input('as-operator').checked;
  const answer = await requestBackend(page, { operation: 'CreateActorToken', body, as_operator });
  if (answer.status !== 200) return showRefusal(answer, FIELDS, 'create-error');
  showToken(page, answer.body);
  setStatus(page, answer.body.status);
  element('token').scrollIntoView({ block: 'nearest' });
  element('open-link').focus({ preventScroll: true });
}

/**
 * Opens the app's sign-in page in the app's tab, as the button of the link's page does, or shows why the API refuses the link.
 * @param {Page} page
 */
export async function skipLink(page) {
  show('token-error');
  const { status, body } = await readLink(page);
  if (status !== 200) return show('token-error', refusalText(status, body));
  openTab(`/sign-in?${new URLSearchParams({ __clerk_ticket: page.state.actorToken.token })}`);
  goToTab();
}

/** Copies the link, or selects it where the browser does not allow that. */
export async function copyLink() {
  const link = input('link');
  const isCopied = await navigator.clipboard.writeText(link.value).then(
    () => true,
    () => false,
  );
  if (!isCopied) link.select();
  show(
    'copied',
    isCopied ? 'The link is copied.' : 'This browser does not allow it: the link is selected, so copy it by hand.',
  );
}

/** @param {Page} page */
export async function revokeToken(page) {
  show('token-error');
  const answer = await requestBackend(page, { operation: 'RevokeActorToken', id: page.state.actorToken.id });
  if (answer.status === 200) setStatus(page, answer.body.status);
  else show('token-error', refusalText(answer.status, answer.body));
}
