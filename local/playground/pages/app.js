// Stands for an app with a sign-in page of its own, as a customer would write it with clerk-js. What is not an app's: its
// requests are told to the playground, and its Date follows the local clock.
import { shiftDate } from './shifted-date.js';
import { openTabChannel } from './tab-channel.js';
import { nameOf, timeOfDay } from './texts.js';

/** @param {string} id */
const element = (id) => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found;
};

/** @param {string} path */
async function getJson(path) {
  const response = await fetch(path);
  return response.json();
}

/** @param {unknown} error */
function textOf(error) {
  const { errors, message } = /** @type {any} */ (error) ?? {};
  const [first] = Array.isArray(errors) ? errors : [];
  return first ? `${first.longMessage} (${first.code})` : String(message ?? error);
}

/** @param {unknown} [error] */
function showError(error) {
  const alert = element('error');
  alert.hidden = error === undefined;
  alert.textContent = error === undefined ? '' : textOf(error);
}

/**
 * Tells of every request to the API. The query is left out: it can carry a ticket.
 * @param {(request: import('./tab-channel.js').RequestMade) => void} tell
 */
function tellRequests(tell) {
  const send = window.fetch.bind(window);
  window.fetch = async (input, init) => {
    const request = new Request(input, init);
    const { pathname, searchParams } = new URL(request.url);
    const override = searchParams.get('_method');
    const method = override ? `${request.method} as ${override}` : request.method;
    const isTold = pathname.startsWith('/v1/');
    try {
      const response = await send(input, init);
      if (isTold) tell({ type: 'request', method, path: pathname, status: response.status });
      return response;
    } catch (error) {
      if (isTold) tell({ type: 'request', method, path: pathname, status: 'no answer' });
      throw error;
    }
  };
}

/** @param {string} publishableKey */
async function loadClerk(publishableKey) {
  Object.assign(window, { __clerk_publishable_key: publishableKey, __clerk_proxy_url: location.origin });
  const script = document.createElement('script');
  script.src = '/__local/clerk-js/clerk.browser.js';
  await new Promise((resolve, reject) => {
    script.addEventListener('load', resolve);
    script.addEventListener('error', () => reject(new Error('clerk-js could not be loaded: run "npm ci".')));
    document.head.append(script);
  });
  const clerk = /** @type {any} */ (window).Clerk;
  await clerk.load({ telemetry: false });
  return clerk;
}

/** @param {any} clerk */
function showSession({ session, user }) {
  element('banner').hidden = !session?.actor;
  element('actions').hidden = !session;
  if (!session) {
    element('title').textContent = 'Signed out';
    element('text').textContent = 'Nobody is signed in to this app.';
    return;
  }
  const name = nameOf({ id: user.id, first_name: user.firstName, last_name: user.lastName });
  element('title').textContent = `Hello, ${name}`;
  const email = user.primaryEmailAddress?.emailAddress;
  element('text').textContent =
    `${email ? `${email}, ` : ''}signed in until ${timeOfDay(session.expireAt.getTime())} at the latest.`;
  if (session.actor) element('banner').textContent = `${session.actor.sub} is acting as ${name}.`;
}

/** @param {any} clerk @param {string} ticket */
async function redeem(clerk, ticket) {
  const signIn = await clerk.client.signIn.create({ strategy: 'ticket', ticket });
  await clerk.setActive({ session: signIn.createdSessionId });
}

async function start() {
  const { searchParams } = new URL(location.href);
  const ticket = searchParams.get('__clerk_ticket');
  // A ticket must not stay in the address bar or the history.
  history.replaceState(null, '', location.pathname);

  const [instance, clock] = await Promise.all([
    getJson('/__local/playground/instance.json'),
    getJson('/__local/clock'),
  ]);
  let offsetSeconds = clock.offset_seconds;
  shiftDate(() => offsetSeconds * 1000);
  const tell = openTabChannel((message) => {
    if (message.type === 'clock') offsetSeconds = message.offset_seconds;
    if (message.type === 'hello') tellState();
  });
  tellRequests((request) => {
    tell(request);
    setTimeout(tellState);
  });

  function tellState() {
    const session = /** @type {any} */ (window).Clerk?.session;
    tell({
      type: 'state',
      session_id: session?.id ?? null,
      jwt: session?.lastActiveToken?.getRawString() ?? null,
    });
  }

  const clerk = await loadClerk(instance.publishable_key);

  /** @param {string} id @param {() => Promise<unknown>} act */
  function onClick(id, act) {
    element(id).addEventListener('click', async () => {
      showError();
      await act().catch(showError);
      tellState();
    });
  }

  clerk.addListener(() => {
    showSession(clerk);
    tellState();
  });
  if (ticket !== null) await redeem(clerk, ticket).catch(showError);
  // As an app does for the first request to its own backend; clerk-js then keeps the session token fresh.
  await clerk.session?.getToken().catch(showError);
  showSession(clerk);
  tellState();
  onClick('fresh', () => clerk.session.getToken({ skipCache: true }));
  onClick('touch', () => clerk.session.touch());
  onClick('end', () => clerk.session.end());
  onClick('sign-out', () => clerk.signOut(() => undefined));
}

start().catch((error) => {
  element('title').textContent = 'The app did not start';
  showError(error);
});
