// The users who can be signed in as, and the form that adds one.
import { element, input, nameText, show } from './dom.js';
import { clearFieldErrors, showRefusal } from './field-errors.js';
import { requestBackend } from './page.js';
import { identifierOf, nameOf, refusalText } from './texts.js';

/** @typedef {import('./page.js').Page} Page */

const FIELDS = { email_address: 'email', external_id: 'external-id' };

/** @param {any} user */
function factorsOf({ two_factor_enabled, totp_enabled, backup_code_enabled, banned }) {
  const factors = [totp_enabled && 'TOTP', backup_code_enabled && 'backup codes'].filter(Boolean).join(', ');
  return [two_factor_enabled && `second factors: ${factors || 'yes'}`, banned && 'banned'].filter(Boolean).join(' · ');
}

/** @param {any} user @param {boolean} isChosen */
function targetChoice(user, isChosen) {
  const label = document.createElement('label');
  const radio = document.createElement('input');
  Object.assign(radio, { type: 'radio', name: 'target', value: user.id, checked: isChosen });
  const who = document.createElement('span');
  who.className = 'who';
  const name = document.createElement('b');
  name.append(nameText(nameOf(user)));
  const identifier = document.createElement('span');
  identifier.className = 'hint';
  identifier.append(nameText(identifierOf(user)));
  who.append(name, ' ', identifier);
  const factors = document.createElement('span');
  factors.className = 'badge';
  factors.dataset.kind = 'warning';
  factors.textContent = factorsOf(user);
  factors.hidden = factors.textContent === '';
  label.append(radio, who, factors);
  return label;
}

/** Returns the id of the chosen user. */
export function chosenTarget() {
  const target = /** @type {HTMLInputElement | null} */ (document.querySelector('input[name=target]:checked'));
  return target?.value;
}

/**
 * Lists the users who can be signed in as.
 * @param {Page} page
 * @param {string} [chosen] the user to choose; the chosen one stays by default, and else it is the first
 */
export async function showTargets(page, chosen = chosenTarget()) {
  const { status, body } = await requestBackend(page, { operation: 'ListUsers' });
  if (status !== 200) throw new Error(refusalText(status, body));
  const isListed = body.some((/** @type {any} */ { id }) => id === chosen);
  element('targets').replaceChildren(
    ...body.map((/** @type {any} */ user, /** @type {number} */ position) =>
      targetChoice(user, isListed ? user.id === chosen : position === 0),
    ),
  );
}

/**
 * Adds the user whom the form describes, and chooses them.
 * @param {Page} page
 */
export async function addUser(page) {
  const fields = ['first-name', 'last-name', 'email', 'external-id'];
  clearFieldErrors(Object.values(FIELDS));
  show('user-error');
  const [first_name, last_name, email, external_id] = fields.map((id) => input(id).value || undefined);
  const body = { first_name, last_name, external_id, ...(email && { email_address: [email] }) };
  const answer = await requestBackend(page, { operation: 'CreateUser', body });
  if (answer.status !== 200) return showRefusal(answer, FIELDS, 'user-error');
  for (const id of fields) input(id).value = '';
  /** @type {HTMLDetailsElement} */ (element('add-user')).open = false;
  await showTargets(page, answer.body.id);
  element('user-added').replaceChildren(nameText(nameOf(answer.body)), ' is added, and chosen.');
  document.querySelector('input[name=target]:checked')?.scrollIntoView({ block: 'nearest' });
}
