// The playground: the server's part (actor tokens, revocation) through /__local/playground/backend, the browser's part by a tab
// with clerk-js in it. This page loads no clerk-js itself, so that closing the tab leaves nobody who is active.
import { openRequestLog } from './request-log.js';
import { openTabChannel } from './tab-channel.js';
import {
  countdown,
  decodedJwt,
  duration,
  inactivityInMs,
  jwtText,
  nameOf,
  offset,
  refusalText,
  timeOfDay,
  whyOver,
} from './texts.js';

const pollEveryMs = 3000;
const tickEveryMs = 250;

/**
 * What the page knows.
 * @typedef {object} State
 * @property {any} instance
 * @property {number} clockAheadMs the API's clock against this browser's
 * @property {any[]} users
 * @property {any} actorToken as created, with its ticket
 * @property {any} session as the API last showed it; kept when it is over
 * @property {boolean} isOver
 * @property {any} claims of the tab's latest session token
 * @property {string | undefined} jwt
 */

/** @param {string} id */
const element = (id) => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found;
};
const input = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (element(id));
const bar = (/** @type {string} */ id) => /** @type {HTMLProgressElement} */ (element(id));

/** @param {string} id @param {string} [text] */
function show(id, text) {
  element(id).hidden = text === undefined;
  element(id).textContent = text ?? '';
}

/** @param {string} id @param {string} text @param {string} kind */
function badge(id, text, kind) {
  // A live region says again what is set again.
  if (element(id).textContent !== text) show(id, text);
  element(id).dataset.kind = kind;
}

/** @param {any} user */
function factorsOf({ two_factor_enabled, totp_enabled, backup_code_enabled, banned }) {
  const factors = [totp_enabled && 'TOTP', backup_code_enabled && 'backup codes'].filter(Boolean).join(', ');
  return [two_factor_enabled && `second factors: ${factors || 'yes'}`, banned && 'banned'].filter(Boolean).join(' · ');
}

/** @param {any} user @param {boolean} isFirst */
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
  factors.dataset.kind = 'over';
  factors.textContent = factorsOf(user);
  factors.hidden = factors.textContent === '';
  label.append(radio, name, email, factors);
  return label;
}

async function start() {
  const log = openRequestLog(element('requests'));
  /** @type {State} */
  const state = {
    instance: undefined,
    clockAheadMs: 0,
    users: [],
    actorToken: undefined,
    session: undefined,
    isOver: false,
    claims: undefined,
    jwt: undefined,
  };
  const now = () => Date.now() + state.clockAheadMs;

  /** Asks the Backend API, which a page must not do itself. @param {object} asked */
  async function backend(asked) {
    const response = await fetch('/__local/playground/backend', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(asked),
    });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.message);
    log.add({ by: 'backend', at: now(), ...answer });
    return answer;
  }

  /** Reads from the Frontend API, with the browser's cookie. @param {string} path */
  async function frontend(path) {
    const response = await fetch(path, { headers: { accept: 'application/json' } });
    const body = await response.json();
    log.add({ by: 'playground', at: now(), method: 'GET', path, status: response.status });
    return { status: response.status, body };
  }

  // ── The local clock ──

  /** @param {object} [move] */
  async function clock(move) {
    const headers = { 'content-type': 'application/json' };
    const init = move && { method: 'POST', headers, body: JSON.stringify(move) };
    const reading = await (await fetch('/__local/clock', init)).json();
    if (reading.message) throw new Error(reading.message);
    state.clockAheadMs = reading.now - Date.now();
    badge('clock-offset', offset(reading.offset_seconds), reading.offset_seconds === 0 ? '' : 'over');
    tell({ type: 'clock', offset_seconds: reading.offset_seconds });
    tick();
    if (move) await refreshSession();
  }

  // ── The actor token ──

  function tokenStatus() {
    const { id, status } = state.actorToken;
    const story = id.slice('act_'.length);
    if (status === 'pending' && state.session?.id === `sess_${story}`) return 'accepted';
    return status;
  }

  function showToken() {
    const { actorToken } = state;
    if (!actorToken) return;
    const status = tokenStatus();
    const left = actorToken.ticket.claims.exp * 1000 - now();
    const isLive = status === 'pending' && left > 0;
    badge(
      'token-status',
      status === 'pending' && left <= 0 ? 'pending, ticket expired' : status,
      isLive ? 'live' : 'over',
    );
    element('token-left').textContent = isLive ? `good for ${countdown(left)}` : '';
  }

  /** @param {SubmitEvent} event */
  async function create(event) {
    event.preventDefault();
    show('create-error');
    const target = /** @type {HTMLInputElement | null} */ (document.querySelector('input[name=target]:checked'));
    const body = {
      user_id: target?.value,
      actor: { sub: input('actor').value },
      expires_in_seconds: input('link-life').valueAsNumber,
      session_max_duration_in_seconds: input('session-life').valueAsNumber,
    };
    const answer = await backend({ operation: 'CreateActorToken', body });
    if (answer.status !== 200) return show('create-error', refusalText(answer.status, answer.body));
    const { token, url } = answer.body;
    state.actorToken = { ...answer.body, ticket: decodedJwt(token) };
    show('token-error');
    element('no-token').hidden = true;
    element('token').hidden = false;
    element('token-id').textContent = answer.body.id;
    input('link').value = url;
    /** @type {HTMLAnchorElement} */ (element('open-outside')).href = url;
    element('ticket').textContent = jwtText(state.actorToken.ticket);
    showToken();
    element(state.instance.is_own_sign_in_page ? 'open' : 'open-outside').focus({ preventScroll: true });
    element('link-title').scrollIntoView({ block: 'nearest' });
  }

  async function openLink() {
    show('token-error');
    const { url } = state.actorToken;
    // A link that is refused answers here, one that is good redirects; following it is the tab's part.
    const response = await fetch(url, { redirect: 'manual' });
    const isRedirect = response.type === 'opaqueredirect';
    log.add({
      by: 'playground',
      at: now(),
      method: 'GET',
      path: new URL(url).pathname,
      status: isRedirect ? 303 : response.status,
    });
    if (isRedirect) return openTab(url);
    const body = await response.json().catch(() => undefined);
    show('token-error', refusalText(response.status, body));
  }

  async function revokeToken() {
    show('token-error');
    const answer = await backend({ operation: 'RevokeActorToken', id: state.actorToken.id });
    if (answer.status === 200) state.actorToken.status = answer.body.status;
    else show('token-error', refusalText(answer.status, answer.body));
    showToken();
  }

  // ── The app's tab ──

  /** @param {boolean} isOpen */
  function setSwitch(isOpen) {
    const control = /** @type {HTMLButtonElement} */ (element('tab-open'));
    control.disabled = false;
    control.ariaChecked = String(isOpen);
  }

  /** @param {string} [url] the app's page unless told */
  function openTab(url = '/sign-in') {
    const frame = document.createElement('iframe');
    frame.title = 'The app’s tab';
    frame.src = url;
    element('tab').replaceChildren(frame);
    element('address').textContent = `${location.host}/sign-in`;
    setSwitch(true);
    element('tab-title').scrollIntoView({ block: 'nearest' });
  }

  function closeTab() {
    const text = document.createElement('p');
    text.className = 'hint';
    text.textContent = 'The tab is closed: clerk-js is unloaded, nothing refreshes the session any more.';
    element('tab').replaceChildren(text);
    element('address').textContent = 'tab closed';
    setSwitch(false);
  }

  /** @param {import('./tab-channel.js').Message} message */
  function onTabMessage(message) {
    if (message.type === 'request') {
      log.add({ by: 'app’s tab', at: now(), ...message });
      setTimeout(guarded(refreshSession), tickEveryMs);
    }
    if (message.type === 'state') {
      if (message.jwt && message.jwt !== state.jwt) showSessionToken(message.jwt);
      if (message.session_id && message.session_id !== state.session?.id) void guarded(findSession)();
    }
  }

  // ── The session ──

  /** @param {string} jwt */
  function showSessionToken(jwt) {
    state.jwt = jwt;
    const { header, claims } = decodedJwt(jwt);
    state.claims = claims;
    element('jwt').textContent = jwtText({ header, claims });
    bar('jwt-bar').max = claims.exp - claims.iat;
  }

  /** The session this browser is signed in to, if any. */
  async function findSession() {
    const { body } = await frontend('/v1/client');
    const [session] = body.response?.sessions ?? [];
    if (!session || (session.id === state.session?.id && !state.isOver)) return;
    Object.assign(state, { session, isOver: false });
    if (state.claims?.sid !== session.id) Object.assign(state, { claims: undefined, jwt: undefined });
    if (!state.claims) element('jwt').textContent = 'The app’s tab has none yet.';
    element('why').hidden = true;
    show('session-error');
    element('session').hidden = false;
    /** @type {HTMLButtonElement} */ (element('tab-open')).disabled = false;
    element('session-id').textContent = session.id;
    element('session-text').textContent = `${session.actor.sub} is acting as ${nameOf(session.user)}.`;
    bar('end-bar').max = Math.max(1, (session.expire_at - session.created_at) / 1000);
    tell({ type: 'hello' });
    tick();
  }

  /** Why the session is over, as the backend knows it. */
  async function showEnd() {
    const { id, actor, user } = state.session;
    const { body } = await backend({ operation: 'GetSession', id });
    const why = whyOver(body);
    if (!why || state.session.id !== id) return;
    Object.assign(state, { isOver: true, session: { ...state.session, ...body, user, actor } });
    badge('session-status', why.short, 'over');
    show('why', why.text);
    element('session-text').textContent = `${actor.sub} is no longer acting as ${nameOf(user)}.`;
    tick();
    // Replaced by another sign-in of this browser: that one is shown next.
    await findSession();
  }

  /** Reads the session without being active: that request never signs and never counts as activity. */
  async function refreshSession() {
    if (!state.session || state.isOver) return;
    const { id } = state.session;
    const { status, body } = await frontend(`/v1/client/sessions/${id}`);
    if (state.session.id !== id || state.isOver) return;
    if (status === 200) Object.assign(state, { session: body.response });
    else if (status === 401 || status === 404) await showEnd();
    tick();
  }

  async function revokeSession() {
    show('session-error');
    const answer = await backend({ operation: 'RevokeSession', id: state.session.id });
    if (answer.status !== 200) return show('session-error', refusalText(answer.status, answer.body));
    await refreshSession();
  }

  /** @param {string} name @param {number | undefined} end @param {number} at */
  function showCountdown(name, end, at) {
    const left = end === undefined ? 0 : end - at;
    element(`${name}-left`).textContent = end === undefined ? '–' : countdown(left);
    bar(`${name}-bar`).value = Math.max(0, left / 1000);
    bar(`${name}-bar`).classList.toggle('short', left < 60_000 && name !== 'jwt');
  }

  function tick() {
    element('clock-time').textContent = timeOfDay(now());
    showToken();
    const { session, isOver, claims } = state;
    if (!session) return;
    const idleEnd = session.last_active_at + inactivityInMs;
    // Once over, the limits stand where they stood at the end; a session token lives on.
    const at = isOver ? session.updated_at : now();
    showCountdown('idle', idleEnd, at);
    showCountdown('end', session.expire_at, at);
    showCountdown('jwt', claims && claims.exp * 1000, now());
    /** @type {HTMLButtonElement} */ (element('revoke-session')).disabled = isOver;
    if (isOver) return;
    badge('session-status', 'active', 'live');
  }

  /** Runs what a button does; what goes wrong is shown. @param {(...args: any[]) => unknown} act */
  const guarded =
    (act) =>
    async (/** @type {any[]} */ ...args) => {
      try {
        await act(...args);
        show('fault');
      } catch (error) {
        // What fetch throws when nobody listens is a TypeError.
        const isGone = error instanceof TypeError && error.message === 'Failed to fetch';
        const text = isGone ? 'The API does not answer: is “npm start” still running?' : String(error);
        if (element('fault').textContent !== text) show('fault', text);
      }
    };

  /** @param {string} id @param {() => unknown} act */
  const onClick = (id, act) => element(id).addEventListener('click', guarded(act));

  function showDurations() {
    for (const id of ['link-life', 'session-life']) {
      const seconds = input(id).valueAsNumber;
      element(`${id}-text`).textContent = Number.isNaN(seconds) ? '' : `= ${duration(seconds)}`;
    }
  }

  const tell = openTabChannel(onTabMessage);
  element('create').addEventListener('submit', guarded(create));
  element('create').addEventListener('input', showDurations);
  onClick('open', openLink);
  onClick('revoke-token', revokeToken);
  onClick('revoke-session', revokeSession);
  onClick('clear', () => log.clear());
  onClick('clock-reset', () => clock({ reset: true }));
  for (const button of document.querySelectorAll('[data-advance]'))
    button.addEventListener(
      'click',
      guarded(() => clock({ advance_seconds: Number(/** @type {HTMLElement} */ (button).dataset.advance) })),
    );
  onClick('tab-open', () => (element('tab-open').ariaChecked === 'true' ? closeTab() : openTab()));
  // A sign-in elsewhere in this browser, such as a link opened in a tab of its own.
  const findNewSession = guarded(() => (state.session && !state.isOver ? undefined : findSession()));
  window.addEventListener('focus', findNewSession);

  showDurations();
  state.instance = await (await fetch('/__local/playground/instance.json')).json();
  if (!state.instance.is_own_sign_in_page) {
    // Another page redeems the ticket, which need not be framable.
    element('open').hidden = true;
    element('open-outside').textContent = 'Open the link';
    element('open-outside').classList.add('primary');
  }
  await clock();
  const listed = await backend({ operation: 'ListUsers' });
  if (listed.status !== 200) throw new Error(refusalText(listed.status, listed.body));
  state.users = listed.body;
  element('targets').replaceChildren(...state.users.map((user, position) => targetChoice(user, position === 0)));
  await findSession();
  if (state.session) openTab();
  setInterval(tick, tickEveryMs);
  setInterval(guarded(refreshSession), pollEveryMs);
}

start().catch((error) => show('fault', `The playground did not start: ${error.message}`));
