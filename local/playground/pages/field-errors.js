// Errors of a form, each beside the field that it is about.
import { element, input, show } from './dom.js';
import { refusalText } from './texts.js';

/**
 * Hides the errors of fields.
 * @param {readonly string[]} ids
 */
export function clearFieldErrors(ids) {
  for (const id of ids) {
    show(`${id}-error`);
    element(id).removeAttribute('aria-invalid');
  }
}

/** @param {string} id @param {string} text */
function showFieldError(id, text) {
  show(`${id}-error`, text);
  element(id).setAttribute('aria-invalid', 'true');
}

/**
 * Shows what a browser finds wrong with numbers, and leads to the first of them.
 * @param {Readonly<Record<string, string>>} numbers the ids of the fields and their names
 * @returns {boolean} true when nothing is wrong
 */
export function checkNumbers(numbers) {
  const wrong = Object.keys(numbers).filter((id) => !input(id).validity.valid);
  for (const id of wrong) {
    const { min, max } = input(id);
    const [least, most] = [min, max].map((bound) => Number(bound).toLocaleString('en-US'));
    showFieldError(id, `${numbers[id]}: write a whole number of seconds from ${least} to ${most}.`);
  }
  if (wrong[0]) input(wrong[0]).focus();
  return wrong.length === 0;
}

/**
 * Shows the errors of an API's answer beside their fields, and leads to the first of them.
 * @param {{ status: number, body: any }} answer
 * @param {Readonly<Record<string, string>>} fields the ids of the fields by the names of the parameters
 * @param {string} elsewhere the id of the element for all other errors
 */
export function showRefusal({ status, body }, fields, elsewhere) {
  const errors = Array.isArray(body?.errors) ? body.errors : [];
  /** @param {any} error */
  const fieldOf = ({ meta }) => fields[String(meta?.param_name).split('.')[0] ?? ''];
  for (const error of errors) {
    const field = fieldOf(error);
    if (field) showFieldError(field, refusalText(status, { errors: [error] }));
  }
  const others = errors.filter((/** @type {any} */ error) => !fieldOf(error));
  if (others.length > 0 || errors.length === 0) show(elsewhere, refusalText(status, { ...body, errors: others }));
  const first = errors.map(fieldOf).find(Boolean);
  if (first) element(first).focus();
}
