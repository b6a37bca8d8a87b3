// The page to which the link of an actor token leads. It takes a token of the session that the page of the link has started, and hands it
// to this app's server, which starts a session of its own.
(() => {
  const script = document.currentScript ?? document.querySelector('script[src*="impersonate.js"]');
  const { frontendApiUrl } = script.dataset;

  async function ask(path, method) {
    const response = await fetch(`${frontendApiUrl}/v1/client${path}`, { method, credentials: 'include' }).catch(() => {
      throw new Error(`This page cannot reach ${frontendApiUrl}. The console of this browser says why.`);
    });
    if (!response.ok) throw new Error(`The session could not be read (${response.status}). Load this page again.`);
    return response.json();
  }

  /** The page of this app that the link names in `to`; never a page of another site. */
  function destination() {
    const to = URL.parse(new URLSearchParams(location.search).get('to') ?? '', location.origin);
    return to?.origin === location.origin ? to.href : '/';
  }

  async function impersonate() {
    if (!frontendApiUrl) throw new Error('The script element of impersonate.js has no data-frontend-api-url.');
    const { response: client } = await ask('', 'GET');
    const session = client?.sessions.find(({ id }) => id === client.last_active_session_id);
    if (!session)
      throw new Error('You do not act as a user at this browser, or no longer. Go to the app, or ask for a new link.');
    const { jwt } = await ask(`/sessions/${session.id}/tokens`, 'POST');
    const started = await fetch('/impersonate', { method: 'POST', body: new URLSearchParams({ token: jwt }) });
    if (!started.ok) {
      const { message } = await started.json().catch(() => ({}));
      throw new Error(message ?? `The app answered with ${started.status}. Its log says why.`);
    }
    location.replace(destination());
  }

  impersonate().catch((error) => {
    // A page of yours may have no place for this, or not yet.
    const end = document.body ?? document.documentElement;
    const status = document.querySelector('[role=status]') ?? end.appendChild(document.createElement('p'));
    status.textContent = error.message;
  });
})();
