// The requests made, newest first; the same one again counts up.
import { timeOfDay } from './texts.js';

const shownRows = 60;

/**
 * @typedef {object} LoggedRequest
 * @property {string} by
 * @property {number} at epoch milliseconds of the API's clock
 * @property {string} method
 * @property {string} path without its query, which can carry a ticket
 * @property {number | string} status
 */

/** @param {HTMLElement} body the table's */
export function openRequestLog(body) {
  /** @type {{ key: string, times: number, row: HTMLTableRowElement } | undefined} */
  let latest;

  /** @param {LoggedRequest} request @param {number} times */
  function cells({ by, at, method, path, status }, times) {
    const time = document.createElement('td');
    time.textContent = timeOfDay(at);
    const who = document.createElement('td');
    who.textContent = by;
    const what = document.createElement('td');
    const code = document.createElement('code');
    code.textContent = `${method} ${path}`;
    what.append(code);
    if (times > 1) {
      const count = document.createElement('span');
      count.className = 'badge';
      count.textContent = `× ${times}`;
      what.append(' ', count);
    }
    const result = document.createElement('td');
    result.textContent = String(status);
    result.dataset.kind = typeof status === 'number' && status < 400 ? 'live' : 'over';
    return [time, who, what, result];
  }

  /** @param {LoggedRequest} request */
  function add(request) {
    const { by, method, path, status } = request;
    const key = [by, method, path, status].join(' ');
    if (latest?.key === key) {
      latest.times += 1;
      latest.row.replaceChildren(...cells(request, latest.times));
      return;
    }
    const row = document.createElement('tr');
    row.append(...cells(request, 1));
    body.prepend(row);
    latest = { key, times: 1, row };
    while (body.children.length > shownRows) body.lastElementChild?.remove();
  }

  function clear() {
    body.replaceChildren();
    latest = undefined;
  }

  return { add, clear };
}
