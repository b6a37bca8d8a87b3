// Step 3: the app's tab, which is a frame of the playground's page.
import { button, element } from './dom.js';

/** @param {boolean} isOpen */
function setSwitch(isOpen) {
  const control = button('tab-open');
  control.disabled = false;
  control.ariaChecked = String(isOpen);
}

/** @param {string} [url] the app's page by default */
export function openTab(url = '/sign-in') {
  const frame = document.createElement('iframe');
  frame.title = 'The app’s tab';
  frame.src = url;
  element('tab').replaceChildren(frame);
  element('address').textContent = `${location.host}/sign-in`;
  setSwitch(true);
}

function closeTab() {
  const text = document.createElement('p');
  text.className = 'hint';
  text.textContent = 'The tab is closed: clerk-js is unloaded, and nothing refreshes the session any more.';
  element('tab').replaceChildren(text);
  element('address').textContent = 'tab closed';
  setSwitch(false);
}

/** Leads people to the app's tab, which can be far below what they pressed. */
export function goToTab() {
  element('tab-title').focus({ preventScroll: true });
  element('tab-card').scrollIntoView({ block: 'start' });
}

export function isTabOpen() {
  return button('tab-open').ariaChecked === 'true';
}

export function switchTab() {
  if (isTabOpen()) closeTab();
  else openTab();
}
