// The inline script of the accept pages. It must be the same in every answer, because the Content-Security-Policy holds its hash. The pages
// work without it.

// The ticket is a credential until it is used. It must not remain in the address bar, a bookmark or a screenshot.
history.replaceState(null, '', location.pathname);

const button = document.querySelector('button');
const status = document.querySelector('[role=status]');

/** @param {Date} at */
function localTime(at) {
  const isToday = at.toDateString() === new Date().toDateString();
  const time = at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return isToday ? `${time} today` : `${at.toLocaleDateString([], { dateStyle: 'long' })}, ${time}`;
}

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

for (const time of document.querySelectorAll('time')) time.textContent = localTime(new Date(time.dateTime));
