// The inline script of the accept pages. It must be the same in every answer, because the Content-Security-Policy holds its hash. The pages
// work without it.

// The ticket is a credential until it is used. It must not remain in the address bar, a bookmark or a screenshot.
const address = new URL(location.href);
address.searchParams.delete('ticket');
history.replaceState(null, '', address);

/** The latest sign-in of this tab: name and time, for the page that is shown after a reload and knows no link. */
const SIGNED_IN = 'actor-tokens-signed-in';

const signedIn = document.querySelector('#signed-in bdi');
if (signedIn) sessionStorage.setItem(SIGNED_IN, JSON.stringify([signedIn.textContent, new Date()]));

/** @type {HTMLElement | null} */
const before = document.querySelector('#signed-in-before');
const [name, at] = JSON.parse(sessionStorage.getItem(SIGNED_IN) ?? '[]');
if (before && name) {
  before.querySelector('bdi')?.append(name);
  before.querySelector('time')?.setAttribute('datetime', at);
  before.hidden = false;
  before.previousElementSibling?.remove();
  document.title = `You signed in as ${name}`;
}

/** @type {NodeListOf<HTMLTimeElement>} */
const times = document.querySelectorAll('time[datetime]');
// In the time zone of the reader, and with its name.
for (const time of times) {
  const at = new Date(time.dateTime);
  const isToday = at.toDateString() === new Date().toDateString();
  const day = isToday ? 'today' : at.toLocaleDateString('en-GB', { dateStyle: 'long' });
  const hour = at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZoneName: 'short' });
  time.textContent = `${day} at ${hour}`;
}

const button = document.querySelector('button');
const status = document.querySelector('[role=status]');

/** @param {boolean} isBusy */
function setBusy(isBusy) {
  // `disabled` would take the focus away from the button that the person just pressed.
  button?.setAttribute('aria-disabled', String(isBusy));
  if (status) status.textContent = isBusy ? 'One moment …' : '';
}

document.querySelector('form')?.addEventListener('submit', (event) => {
  // A second request would discard the answer to the first, with its cookies.
  if (button?.getAttribute('aria-disabled') === 'true') event.preventDefault();
  else setBusy(true);
});
// The browser can show this page again as it left it.
addEventListener('pageshow', () => setBusy(false));

/** @type {HTMLAnchorElement | null} */
const onward = document.querySelector('#onward a');
if (onward) location.replace(onward.href);
