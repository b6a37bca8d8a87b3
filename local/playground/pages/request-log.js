// The table of requests, newest first. A request that repeats the latest one is counted in its row.
import { timeOfDay } from './texts.js';

const SHOWN_ROWS = 60;

/**
 * @typedef {object} LoggedRequest
 * @property {string} by
 * @property {number} at epoch milliseconds of the API's clock
 * @property {string} method
 * @property {string} path without its query, which may contain a ticket
 * @property {number | string} status
 */

/** @param {string} text */
function cell(text) {
  const created = document.createElement('td');
  created.textContent = text;
  return created;
}

/** @param {string} request @param {number} times */
function requestCell(request, times) {
  const created = document.createElement('td');
  const code = document.createElement('code');
  code.textContent = request;
  created.append(code);
  if (times === 1) return created;
  const count = document.createElement('span');
  count.className = 'badge';
  count.textContent = `× ${times}`;
  created.append(' ', count);
  return created;
}

/** @param {LoggedRequest} request @param {number} times */
function cells({ by, at, method, path, status }, times) {
  const result = cell(String(status));
  result.dataset.kind = typeof status === 'number' && status < 400 ? 'live' : 'warning';
  return [cell(timeOfDay(at)), cell(by), requestCell(`${method} ${path}`, times), result];
}

/** @param {HTMLElement} body the body of the table */
export function openRequestLog(body) {
  /** @type {{ key: string, times: number, row: HTMLTableRowElement } | undefined} */
  let latest;

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
    while (body.children.length > SHOWN_ROWS) body.lastElementChild?.remove();
  }

  function clear() {
    body.replaceChildren();
    latest = undefined;
  }

  return { add, clear };
}
