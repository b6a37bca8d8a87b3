// The inline script of the accept pages. It must be the same in every answer, because the Content-Security-Policy holds its hash.

const ticket = new URLSearchParams(location.search).get('ticket');
// The ticket is a credential until it is used. It must not remain in the address bar, a bookmark or a screenshot.
history.replaceState(null, '', location.pathname);

const form = document.querySelector('form');
const button = document.querySelector('button');
const status = document.querySelector('[role=status]');

/** @param {Date} at */
function localTime(at) {
  const isToday = at.toDateString() === new Date().toDateString();
  const time = at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return isToday ? `${time} today` : `${at.toLocaleDateString([], { dateStyle: 'long' })}, ${time}`;
}

/**
 * Replaces the offer with an outcome, and moves the focus to its heading.
 * @param {HTMLTemplateElement} template
 */
function show(template) {
  const main = document.querySelector('main');
  main?.replaceChildren(template.content.cloneNode(true));
  const heading = main?.querySelector('h1');
  if (heading) document.title = heading.textContent ?? '';
  heading?.focus();
}

/**
 * @param {string} name
 * @returns {HTMLTemplateElement | null}
 */
function outcome(name) {
  return document.querySelector(`template[data-outcome="${CSS.escape(name)}"]`);
}

/** @param {string} text */
function showStatus(text) {
  if (status) status.textContent = text;
}

async function redeem() {
  const body = new URLSearchParams({ strategy: 'ticket', ticket: ticket ?? '' });
  const response = await fetch('../client/sign_ins', { method: 'POST', body, credentials: 'same-origin' });
  const answer = await response.json();
  const error = answer.errors?.[0];
  const template = outcome(response.ok ? 'signed_in' : String(error?.code));
  if (!template) throw new Error(error?.long_message ?? 'Please try again.');
  show(template);
  const end = document.querySelector('[data-end]');
  const session = answer.client?.sessions?.[0];
  if (end && session) end.textContent = `at ${localTime(new Date(session.expire_at))}`;
}

form?.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (!button || button.getAttribute('aria-disabled') === 'true') return;
  // `disabled` would take the focus away from the button that the person just pressed.
  button.setAttribute('aria-disabled', 'true');
  showStatus('Signing in …');
  try {
    await redeem();
  } catch (error) {
    const isAnswered = error instanceof Error && error.name === 'Error';
    showStatus(
      `You are not signed in. ${isAnswered ? error.message : 'The service did not answer. Please try again.'}`,
    );
    button.removeAttribute('aria-disabled');
  }
});

for (const time of document.querySelectorAll('time')) time.textContent = localTime(new Date(time.dateTime));
if (button) button.disabled = false;
