// Texts about times, tokens and ends. Pure: tests read them outside a browser.

const minuteInSeconds = 60;
const hourInSeconds = 3600;
const dayInSeconds = 86_400;

/** Ten minutes without activity end a session. */
export const inactivityInMs = 600_000;

/**
 * A length of time in its largest units, such as `10 min 1 s`.
 * @param {number} seconds
 */
export function duration(seconds) {
  const rest = Math.abs(Math.trunc(seconds));
  const parts = [
    [Math.floor(rest / dayInSeconds), 'd'],
    [Math.floor(rest / hourInSeconds) % 24, 'h'],
    [Math.floor(rest / minuteInSeconds) % 60, 'min'],
    [rest % minuteInSeconds, 's'],
  ];
  const shown = parts.filter(([amount]) => amount !== 0).map(([amount, unit]) => `${amount} ${unit}`);
  return shown.slice(0, 2).join(' ') || '0 s';
}

/**
 * What is left until a time, as a countdown shows it: `9:59`, `1:00:00`, `0:00` when it is past.
 * @param {number} ms
 */
export function countdown(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (/** @type {number} */ amount) => String(amount).padStart(2, '0');
  const minutes = Math.floor(seconds / minuteInSeconds);
  const hours = Math.floor(minutes / 60);
  if (hours >= 48) return duration(seconds);
  const head = hours > 0 ? `${hours}:${two(minutes % 60)}` : String(minutes);
  return `${head}:${two(seconds % minuteInSeconds)}`;
}

/**
 * How far the local clock is from the real one.
 * @param {number} seconds
 */
export function offset(seconds) {
  return seconds === 0 ? 'real time' : `${seconds > 0 ? '+' : '−'}${duration(seconds)}`;
}

/**
 * A time of day.
 * @param {number} ms
 */
export function timeOfDay(ms) {
  return new Date(ms).toLocaleTimeString('en-GB');
}

/**
 * Header and claims of a JWT, unverified: for showing.
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
 * JSON with a line for each member of the outermost object.
 * @param {Record<string, unknown>} object
 */
export function membersText(object) {
  const lines = Object.entries(object).map(([name, value]) => `  ${JSON.stringify(name)}: ${inline(value)}`);
  return `{\n${lines.join(',\n')}\n}`;
}

/** @param {unknown} value */
function inline(value) {
  return JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ');
}

/**
 * Header and claims as they are shown.
 * @param {{ header: any, claims: any }} jwt
 */
export function jwtText({ header, claims }) {
  return `${membersText(header)}\n${membersText(claims)}`;
}

/**
 * How a person is shown: by name, or else by id.
 * @param {{ id: string, first_name?: string | null, last_name?: string | null }} user
 */
export function nameOf({ id, first_name, last_name }) {
  return [first_name, last_name].filter(Boolean).join(' ') || id;
}

/**
 * Why a session is over, from what the Backend API says of it. Undefined while it lives.
 * @param {{ status: string, expire_at: number, last_active_at: number, updated_at: number }} session
 */
export function whyOver({ status, expire_at, last_active_at, updated_at }) {
  const at = timeOfDay(updated_at);
  switch (status) {
    case 'active':
      return undefined;
    case 'expired': {
      const inactive_at = last_active_at + inactivityInMs;
      return expire_at <= inactive_at
        ? {
            short: 'fixed end',
            text: `Timed out at its fixed end: expire_at was ${timeOfDay(expire_at)}. Activity does not move it.`,
          }
        : {
            short: 'inactivity',
            text: `Timed out by inactivity: the last activity was at ${timeOfDay(last_active_at)}, ten minutes later, at ${timeOfDay(inactive_at)}, it was over.`,
          };
    }
    case 'revoked':
      return {
        short: 'revoked',
        text: `Revoked by the backend at ${at}. An open tab is signed out at its next refresh; a session token minted before stays valid until its exp.`,
      };
    case 'ended':
      return { short: 'ended', text: `Ended by this browser at ${at}.` };
    case 'removed':
      return { short: 'removed', text: `Signed out, or replaced by another sign-in of this browser, at ${at}.` };
    default:
      return { short: status, text: `Over since ${at}: ${status}.` };
  }
}

/**
 * The sentences of an API's refusal, or its status.
 * @param {number} status
 * @param {any} body
 */
export function refusalText(status, body) {
  const errors = Array.isArray(body?.errors) ? body.errors : [];
  const sentences = errors.map((/** @type {any} */ each) => `${each.long_message} (${each.code})`);
  return sentences.join(' ') || body?.message || `The API answered ${status}.`;
}
