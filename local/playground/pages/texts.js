// Texts about times, tokens and ends of sessions. They use nothing of a browser, so that tests can load them.

const MINUTE_IN_SECONDS = 60;
const HOUR_IN_SECONDS = 3600;
const DAY_IN_SECONDS = 86_400;

/**
 * Returns a duration in its two largest units, such as `10 min 1 s`.
 * @param {number} seconds not negative
 */
export function durationText(seconds) {
  const rest = Math.trunc(seconds);
  const parts = [
    [Math.floor(rest / DAY_IN_SECONDS), 'd'],
    [Math.floor(rest / HOUR_IN_SECONDS) % 24, 'h'],
    [Math.floor(rest / MINUTE_IN_SECONDS) % 60, 'min'],
    [rest % MINUTE_IN_SECONDS, 's'],
  ];
  const shown = parts.filter(([amount]) => amount !== 0).map(([amount, unit]) => `${amount} ${unit}`);
  return shown.slice(0, 2).join(' ') || '0 s';
}

/**
 * Returns the rest of a time as a countdown shows it: `9:59`, `1:00:00`, and `0:00` when it is negative.
 * @param {number} ms
 */
export function countdown(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (/** @type {number} */ amount) => String(amount).padStart(2, '0');
  const minutes = Math.floor(seconds / MINUTE_IN_SECONDS);
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return durationText(seconds);
  const head = hours > 0 ? `${hours}:${two(minutes % 60)}` : String(minutes);
  return `${head}:${two(seconds % MINUTE_IN_SECONDS)}`;
}

/**
 * Returns the offset of the local clock from the real one.
 * @param {number} seconds
 */
export function offsetText(seconds) {
  return seconds === 0 ? 'real time' : `${seconds > 0 ? '+' : '−'}${durationText(Math.abs(seconds))}`;
}

/**
 * Returns a time of day.
 * @param {number} ms
 */
export function timeOfDay(ms) {
  return new Date(ms).toLocaleTimeString('en-GB');
}

/**
 * Returns header and claims of a JWT without verifying it.
 * @param {string} jwt
 * @returns {{ header: any, claims: any }}
 */
export function decodedJwt(jwt) {
  const [header, claims] = jwt
    .split('.')
    .slice(0, 2)
    .map((part) => {
      const binary = atob(part.replaceAll('-', '+').replaceAll('_', '/'));
      return JSON.parse(new TextDecoder().decode(Uint8Array.from(binary, (character) => character.charCodeAt(0))));
    });
  return { header, claims };
}

/**
 * Returns JSON with one line for each member of the outermost object.
 * @param {Record<string, unknown>} object
 */
function membersText(object) {
  const lines = Object.entries(object).map(([name, value]) => `  ${JSON.stringify(name)}: ${inline(value)}`);
  return `{\n${lines.join(',\n')}\n}`;
}

/** @param {unknown} value */
function inline(value) {
  return JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ');
}

/**
 * Returns the text of a header and claims.
 * @param {{ header: any, claims: any }} jwt
 */
export function jwtText({ header, claims }) {
  return `${membersText(header)}\n${membersText(claims)}`;
}

/**
 * Returns the name of a user, or the id of one who has no name.
 * @param {{ id: string, first_name?: string | null, last_name?: string | null }} user
 */
export function nameOf({ id, first_name, last_name }) {
  return [first_name, last_name].filter(Boolean).join(' ') || id;
}

/**
 * Returns why a session has ended, from the answer of the Backend API; undefined while it is active.
 * @param {{ status: string, expire_at: number, last_active_at: number, updated_at: number }} session
 * @param {number} inactivityInSeconds
 * @returns {{ short: string, kind: 'warning' | 'fault' | '', text: string } | undefined}
 */
export function endReason({ status, expire_at, last_active_at, updated_at }, inactivityInSeconds) {
  const at = timeOfDay(updated_at);
  switch (status) {
    case 'active':
      return undefined;
    case 'expired': {
      const inactive_at = last_active_at + inactivityInSeconds * 1000;
      return expire_at <= inactive_at
        ? {
            short: 'fixed end',
            kind: 'warning',
            text: `Timed out at its fixed end: expire_at was ${timeOfDay(expire_at)}. Activity does not move it.`,
          }
        : {
            short: 'inactivity',
            kind: 'warning',
            text: `Timed out by inactivity: the last activity was at ${timeOfDay(last_active_at)}, so the session expired ${durationText(inactivityInSeconds)} later, at ${timeOfDay(inactive_at)}.`,
          };
    }
    case 'revoked':
      return {
        short: 'revoked',
        kind: 'fault',
        text: `Revoked by the backend at ${at}. An open tab is signed out at its next refresh; a session token that it has already stays valid until its exp.`,
      };
    case 'ended':
      return { short: 'ended', kind: '', text: `Ended by this browser at ${at}.` };
    case 'removed':
      return {
        short: 'removed',
        kind: '',
        text: `Signed out, or replaced by another sign-in of this browser, at ${at}.`,
      };
    default:
      return { short: status, kind: 'warning', text: `Ended at ${at} with the status ${status}.` };
  }
}

/**
 * Returns what tells a user apart from others of the same name.
 * @param {any} user
 */
export function identifierOf({ id, first_name, last_name, external_id, email_addresses }) {
  const hasName = Boolean(first_name || last_name);
  return email_addresses[0]?.email_address ?? external_id ?? (hasName ? id : '');
}

/**
 * Returns the sentences of an API's error response, or its status.
 * @param {number} status
 * @param {any} body
 */
export function refusalText(status, body) {
  const errors = Array.isArray(body?.errors) ? body.errors : [];
  const sentences = errors.map((/** @type {any} */ each) => `${each.long_message} (${each.code})`);
  return sentences.join(' ') || body?.message || `The API answered ${status}.`;
}
