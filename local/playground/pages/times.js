// Everything on the page that changes with the time.
import { showTokenStatus } from './actor-token.js';
import { bar, button, element, showBadge } from './dom.js';
import { countdown, timeOfDay } from './texts.js';

/**
 * @param {'idle' | 'end' | 'jwt'} name
 * @param {number | undefined} end
 * @param {number} at
 */
function showCountdown(name, end, at) {
  const left = end === undefined ? 0 : end - at;
  element(`${name}-left`).textContent = end === undefined ? '–' : countdown(left);
  bar(`${name}-bar`).value = Math.max(0, left / 1000);
  bar(`${name}-bar`).classList.toggle('short', left < 60_000 && name !== 'jwt');
}

/**
 * Shows the clock, the status of the actor token, and what is left of the session and of its token.
 * @param {import('./page.js').Page} page
 */
export function showTimes(page) {
  const { session, hasEnded, claims, instance } = page.state;
  element('clock-time').textContent = timeOfDay(page.now());
  showTokenStatus(page);
  if (!session) return;
  // The limits of a session that has ended stand as they were at its end; its session token stays valid until its own end.
  const at = hasEnded ? session.updated_at : page.now();
  showCountdown('idle', session.last_active_at + instance.inactivity_in_seconds * 1000, at);
  showCountdown('end', session.expire_at, at);
  showCountdown('jwt', claims && claims.exp * 1000, page.now());
  button('revoke-session').disabled = hasEnded;
  if (!hasEnded) showBadge('session-status', 'active', 'live');
}
