// The page to which the link of an actor token leads. It takes a token of the session that the page of the link has started, and hands it
// to this app's server, which starts a session of its own.
const { frontendApiUrl } = document.body.dataset;
const status = document.querySelector('[role=status]');

async function ask(path, method) {
  const response = await fetch(`${frontendApiUrl}/v1/client${path}`, { method, credentials: 'include' });
  if (!response.ok) throw new Error(`The session could not be read (${response.status}).`);
  return response.json();
}

/** The page of this app that the link names in `to`; never a page of another site. */
function destination() {
  const to = URL.parse(new URLSearchParams(location.search).get('to') ?? '', location.origin);
  return to?.origin === location.origin ? to.href : '/';
}

async function impersonate() {
  const { response: client } = await ask('', 'GET');
  const session = client?.sessions.find(({ id }) => id === client.last_active_session_id);
  if (!session) throw new Error('Nobody is signed in at this browser. Ask for a new link.');
  const { jwt } = await ask(`/sessions/${session.id}/tokens`, 'POST');
  const started = await fetch('/impersonate', { method: 'POST', body: new URLSearchParams({ token: jwt }) });
  if (!started.ok)
    throw new Error(
      'The app did not start this session. If you have been here before, go to the app. Otherwise ask for a new link.',
    );
  location.replace(destination());
}

impersonate().catch((error) => {
  status.textContent = error.message;
});
