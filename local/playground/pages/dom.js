// Elements of a page, by their ids.

/** @param {string} id */
export function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found;
}

/** @param {string} id */
export const input = (id) => /** @type {HTMLInputElement} */ (element(id));

/** @param {string} id */
export const button = (id) => /** @type {HTMLButtonElement} */ (element(id));

/** @param {string} id */
export const bar = (id) => /** @type {HTMLProgressElement} */ (element(id));

/**
 * Shows a text, or hides the element when there is none.
 * @param {string} id
 * @param {string} [text]
 */
export function show(id, text) {
  const shown = element(id);
  shown.hidden = text === undefined;
  // A live region announces a text again when it is set again.
  if (shown.textContent !== (text ?? '')) shown.textContent = text ?? '';
}

/**
 * @param {string} id
 * @param {string} text
 * @param {'info' | 'live' | 'warning' | 'fault' | ''} kind
 */
export function showBadge(id, text, kind) {
  show(id, text);
  element(id).dataset.kind = kind;
}

/**
 * Returns a name as its own piece of text, so that one from right to left changes nothing around it.
 * @param {string} name
 */
export function nameText(name) {
  const created = document.createElement('bdi');
  created.textContent = name;
  return created;
}
