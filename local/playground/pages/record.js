// The events of the record, newest first, as they appear on the bus.
import { readJson } from './page.js';
import { timeOfDay } from './texts.js';

const SHOWN_ROWS = 60;

/** @param {string} text @param {string} [kind] */
function cell(text, kind) {
  const created = document.createElement('td');
  created.textContent = text;
  if (kind) created.dataset.kind = kind;
  return created;
}

/** @param {any} detail */
function aboutOf({ session_id, actor_token_id, blocklist_identifier_id, secret_key_id, record, seq }) {
  if (seq !== undefined) return `seal ${seq}`;
  return session_id ?? actor_token_id ?? blocklist_identifier_id ?? secret_key_id ?? record?.id ?? '';
}

/** @param {any} detail */
function whyOf({ actor, cause, refusal, reason, rule, changed, count }) {
  const rest = rule && `rule ${rule}`;
  const attributes = changed && `changed: ${changed.join(', ') || 'created or deleted by hand'}`;
  const events = count !== undefined && `${count === 1 ? '1 event' : `${count} events`}, signed`;
  return [actor?.sub, cause ?? refusal, rest, reason, attributes, events].filter(Boolean).join(' · ');
}

/** @param {{ type: string, detail: any }} event @param {number} now */
function rowOf({ type, detail }, now) {
  const row = document.createElement('tr');
  const code = document.createElement('code');
  code.textContent = type;
  const name = document.createElement('td');
  name.append(code);
  const isChanged = type === 'audit.record_changed';
  row.append(
    cell(timeOfDay(detail.at ?? now)),
    name,
    cell(aboutOf(detail)),
    cell(whyOf(detail), isChanged ? 'warning' : undefined),
  );
  return row;
}

/**
 * @param {HTMLElement} body the body of the table
 * @param {object} listeners
 * @param {(event: { type: string, detail: any }) => void} listeners.onEvent
 * @param {() => void} listeners.onRestart called when the API has been started again
 */
export function openRecord(body, { onEvent, onRestart }) {
  let latest = 0;
  /** @type {string | undefined} */
  let known;

  /**
   * Reads the events that came since the last time.
   * @param {() => number} now
   */
  async function refresh(now) {
    /** @type {{ run: string, events: { number: number, type: string, detail: any }[] }} */
    const { run, events } = await readJson(await fetch(`/__local/playground/events.json?after=${latest}`));
    const hasRestarted = known !== undefined && known !== run;
    known = run;
    if (hasRestarted) {
      // The new run numbers its events from 1 again.
      latest = 0;
      return onRestart();
    }
    // An earlier answer can arrive late, with the same events.
    for (const event of events.filter(({ number }) => number > latest)) {
      body.prepend(rowOf(event, now()));
      latest = event.number;
      onEvent(event);
    }
    while (body.children.length > SHOWN_ROWS) body.lastElementChild?.remove();
  }

  return { refresh };
}
