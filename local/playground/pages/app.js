// Stands for an app with a sign-in page of its own, as a customer would write it with clerk-js. Two parts are not an app's: the
// playground receives its requests, and its Date follows the local clock.
import { element, nameText, show } from './dom.js';
import { readJson } from './page.js';
import { shiftDate } from './shifted-date.js';
import { openTabChannel } from './tab-channel.js';
import { nameOf, timeOfDay } from './texts.js';

/** @typedef {(message: import('./tab-channel.js').Message) => void} Post */

/** @param {unknown} error */
function textOf(error) {
  const { errors, message } = /** @type {any} */ (error) ?? {};
  const [first] = Array.isArray(errors) ? errors : [];
  return first ? `${first.longMessage} (${first.code})` : String(message ?? error);
}

/** @param {unknown} error */
function showError(error) {
  show('error', textOf(error));
}

/**
 * Posts every request to the API, without its query, which may contain a ticket.
 * @param {Post} post
 */
function postRequests(post) {
  const send = window.fetch.bind(window);
  window.fetch = async (input, init) => {
    const request = new Request(input, init);
    const { pathname, searchParams } = new URL(request.url);
    const override = searchParams.get('_method');
    const method = override ? `${request.method} as ${override}` : request.method;
    /** @param {number | string} status */
    const postRequest = (status) => {
      if (pathname.startsWith('/v1/')) post({ type: 'request', method, path: pathname, status });
    };
    try {
      const response = await send(input, init);
      postRequest(response.status);
      return response;
    } catch (error) {
      postRequest('no answer');
      throw error;
    }
  };
}

/** @param {string} src */
async function loadScript(src) {
  const script = document.createElement('script');
  script.src = src;
  await new Promise((resolve, reject) => {
    script.addEventListener('load', resolve);
    script.addEventListener('error', () => reject(new Error(`${src} could not be loaded.`)));
    document.head.append(script);
  });
}

/** @param {string} publishableKey */
async function loadClerk(publishableKey) {
  Object.assign(window, { __clerk_publishable_key: publishableKey, __clerk_proxy_url: location.origin });
  await loadScript('/__local/clerk-js/clerk.browser.js');
  const clerk = /** @type {any} */ (window).Clerk;
  await clerk.load({ telemetry: false });
  return clerk;
}

/** @param {any} clerk */
function showSession({ session, user }) {
  element('actions').hidden = !session;
  if (!session) {
    show('title', 'Signed out');
    show('text', 'Nobody is signed in to this app.');
    return;
  }
  const name = nameOf({ id: user.id, first_name: user.firstName, last_name: user.lastName });
  const email = user.primaryEmailAddress?.emailAddress;
  const end = `signed in until ${timeOfDay(session.expireAt.getTime())} at the latest.`;
  element('title').replaceChildren('Hello, ', nameText(name));
  show('text', email ? `${email}, ${end}` : end);
}

/** @param {Post} post */
function postState(post) {
  const session = /** @type {any} */ (window).Clerk?.session;
  post({ type: 'state', session_id: session?.id ?? null, jwt: session?.lastActiveToken?.getRawString() ?? null });
}

/**
 * Joins the page to the playground: its Date follows the local clock, its requests and its state are posted.
 * @returns {Promise<Post>}
 */
async function joinPlayground() {
  const clock = await readJson(await fetch('/__local/clock'));
  let offsetSeconds = clock.offset_seconds;
  // clerk-js judges the age of a session token by the browser's clock, which would otherwise differ from the API's.
  shiftDate(() => offsetSeconds * 1000);
  /** @type {Post} */
  const post = openTabChannel((message) => {
    if (message.type === 'clock') offsetSeconds = message.offset_seconds;
    if (message.type === 'hello') postState(post);
  });
  postRequests((request) => {
    post(request);
    setTimeout(() => postState(post));
  });
  return post;
}

/**
 * Any page of the web can open this one with a ticket, so it is redeemed at a press only.
 * @param {any} clerk @param {string} ticket
 */
async function redeem(clerk, ticket) {
  element('offer').hidden = true;
  const signIn = await clerk.client.signIn.create({ strategy: 'ticket', ticket });
  await clerk.setActive({ session: signIn.createdSessionId });
  await clerk.session?.getToken();
  // The banner looks for a session when its script is loaded, and at this event.
  document.dispatchEvent(new Event('impersonation-started'));
}

/** @param {any} clerk @param {Post} post @param {string | null} ticket */
function listen(clerk, post, ticket) {
  /** @param {string} id @param {() => Promise<unknown>} act */
  function onClick(id, act) {
    element(id).addEventListener('click', async () => {
      show('error');
      await act().catch(showError);
      postState(post);
    });
  }

  onClick('fresh', () => clerk.session.getToken({ skipCache: true }));
  onClick('touch', () => clerk.session.touch());
  onClick('end', () => clerk.session.end());
  onClick('sign-out', () => clerk.signOut(() => undefined));
  if (ticket === null) return;
  element('offer').hidden = false;
  onClick('redeem', () => redeem(clerk, ticket));
}

async function start() {
  const { searchParams } = new URL(location.href);
  const ticket = searchParams.get('__clerk_ticket');
  // A ticket must not stay in the address bar or the history.
  history.replaceState(null, '', location.pathname);

  const instance = await readJson(await fetch('/__local/playground/instance.json'));
  const post = await joinPlayground();
  await loadScript('/v1/impersonation-banner.js');
  const clerk = await loadClerk(instance.publishable_key);
  clerk.addListener(() => {
    showSession(clerk);
    postState(post);
  });
  // An app does this for the first request to its own backend; clerk-js then keeps the session token fresh.
  await clerk.session?.getToken().catch(showError);
  showSession(clerk);
  postState(post);
  listen(clerk, post, ticket);
}

start().catch((error) => {
  show('title', 'The app did not start');
  showError(error);
});
