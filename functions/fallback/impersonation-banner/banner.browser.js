// A bar for every page of an app: while an actor is signed in as a user, it shows both names, the time that is left, and a button that
// signs out. Its height is in `--impersonation-banner-height` of the root element. When the session ends, `impersonation-ended` fires on
// the document, and the page is left, unless the app cancels this event. Attributes of the script: `data-position`, `top` or `bottom`;
// `data-after-sign-out-url`, the page to go to afterwards, in place of a reload.
(() => {
  /**
   * The document without the elements in it: `<img name="body">` replaces `document.body`, so HTML that users wrote could switch the
   * bar off.
   */
  const page = new Proxy(document, {
    get(target, name) {
      const value = Reflect.get(Document.prototype, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set: (target, name, value) => Reflect.set(Document.prototype, name, value, target),
  });
  const NAME = 'impersonation-banner';
  const script = page.currentScript ?? page.querySelector(`script[src*="/v1/${NAME}.js"]`);
  if (!(script instanceof HTMLScriptElement) || customElements.get(NAME)) return;

  const { position, afterSignOutUrl } = script.dataset;
  const isAtBottom = position === 'bottom';
  /** The Frontend API, which serves this script. */
  const api = new URL('.', script.src).href;
  const POLL_MS = 20_000;
  /** The pause when the session seems to be over. */
  const SHORT_POLL_MS = 2000;
  /** A session without activity for this long is expired. The API replaces the name with its limit. */
  const INACTIVITY_MS = Number('__INACTIVITY_IN_SECONDS__') * 1000;
  /** The remaining seconds at which screen readers announce the end of the session. */
  const ANNOUNCED_SECONDS = [60, 30, 10];
  /** The time to read that the session has ended, before the page is left. */
  const SECONDS_UNTIL_LEFT = 10;

  const style = new CSSStyleSheet();
  // The API replaces the name with banner.css.
  style.replaceSync('__STYLE__');
  /** Makes room for the bar, at the edge of the page. */
  const pageSheet = new CSSStyleSheet();

  /** The first text that shows something, as people may be shown it: with U+FFFD for what they cannot see. @param {...unknown} values */
  function firstText(...values) {
    const text = values.find((value) => typeof value === 'string' && /__NOT_BLANK__/u.test(value));
    return String(text ?? '').replace(/(__PRINTABLE_UNIT__)|./gsu, (_, unit) => unit ?? '\uFFFD');
  }

  /**
   * @param {string} tag
   * @param {Record<string, string>} attributes
   * @param {...(Node | string)} children
   */
  function element(tag, attributes, ...children) {
    const created = page.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) created.setAttribute(name, value);
    created.append(...children);
    return created;
  }

  /** The names to show. They are only inserted as text, never as markup. @param {any} session */
  function namesOf({ actor, user, public_user_data: shown }) {
    const { first_name, last_name, identifier } = shown ?? {};
    return {
      target: firstText([first_name, last_name].filter(Boolean).join(' '), identifier, user?.id),
      actor: firstText(actor.name, actor.full_name, actor.email, actor.sub),
      sub: firstText(actor.sub),
    };
  }

  /** The cookies that say when this browser signed in. They change when the app signs out, or in as somebody else. */
  function signInTimes() {
    const cookies = page.cookie.split('; ');
    return cookies.filter((/** @type {string} */ cookie) => cookie.startsWith('__client_uat')).join();
  }

  /** Leaves the page: it shows what the person may no longer see. */
  function leave() {
    if (afterSignOutUrl) location.assign(afterSignOutUrl);
    else location.reload();
  }

  /** @param {number} ms */
  function clockText(ms) {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    const two = (/** @type {number} */ part) => String(part).padStart(2, '0');
    return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
  }

  class ImpersonationBanner extends HTMLElement {
    /** @type {any} */
    #session;
    /** Milliseconds by which the server's clock is ahead of the clock of this machine. */
    #serverAheadMs = 0;
    /** The last announced entry of ANNOUNCED_SECONDS. */
    #announced = Number.POSITIVE_INFINITY;
    #requestedAt = 0;
    /** The sign-in times when the session was last read. */
    #signInTimes = '';
    #isStopping = false;
    /** True from the beginning of a session until the page is left, or the app has cancelled that. */
    #isShown = false;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    #ticking;
    #who = element('p', { class: 'who' });
    #inactivity = element('span', {});
    #fixedEnd = element('span', {});
    #left = element('p', { class: 'left', role: 'timer', 'aria-live': 'off' });
    #status = element('p', { class: 'status', role: 'status', 'aria-live': 'polite' });
    #stop = element('button', { type: 'button' }, 'Stop');
    #leave = element('button', { type: 'button' }, afterSignOutUrl ? 'Leave now' : 'Reload now');
    #stay = element('button', { type: 'button' }, 'Stay');
    #buttons = element('div', { class: 'buttons' });
    #bar = element('section', { role: 'region', 'aria-label': 'Impersonation' });
    #removal = new MutationObserver(() => this.#show());
    #size = new ResizeObserver(() => this.#movePage());

    constructor() {
      super();
      const root = this.attachShadow({ mode: 'open' });
      root.adoptedStyleSheets = [style];
      this.classList.toggle('bottom', isAtBottom);
      this.#bar.append(this.#who, this.#left, this.#buttons, this.#status);
      root.append(this.#bar);
      this.#stop.addEventListener('click', () => this.#signOut());
      this.#leave.addEventListener('click', leave);
      this.#stay.addEventListener('click', () => this.#cancelLeaving());
      page.addEventListener('visibilitychange', () => this.#session && !page.hidden && this.#poll());
      // An app that signs in without a page load fires this event.
      page.addEventListener('impersonation-started', () => this.look());
    }

    /** Shows the bar if the session of this browser has an actor. */
    async look() {
      const session = await this.#current();
      if (session?.actor) this.#begin(session);
    }

    /** The session of this browser: null when it is signed out, undefined when the service does not say. */
    async #current() {
      const answer = await this.#fetch('client');
      if (answer?.status !== 200) return undefined;
      const client = answer.body.response;
      this.#who.title = firstText(decodeURIComponent(answer.reason ?? ''));
      return client?.sessions.find((/** @type {any} */ { id }) => id === client.last_active_session_id) ?? null;
    }

    /** @param {any} session */
    #begin(session) {
      this.#update(session);
      const { target, actor, sub } = namesOf(session);
      const bold = (/** @type {string} */ name) => element('b', {}, element('bdi', {}, name));
      // Two actors can have the same name.
      const id = sub === actor ? [] : [' (', element('bdi', {}, sub), ')'];
      this.#bar.className = '';
      this.#who.replaceChildren(
        element('span', {}, 'You are signed in as ', bold(target)),
        element('span', {}, ' \u2014 by ', bold(actor), ...id),
      );
      this.#left.replaceChildren(this.#inactivity, ' ', this.#fixedEnd);
      this.#stop.setAttribute('aria-label', `Stop: sign out of the account of ${target}`);
      this.#buttons.replaceChildren(this.#stop);
      this.#isShown = true;
      this.#show();
      this.#removal.observe(page.documentElement, { childList: true });
      this.#size.observe(this);
      this.#everySecond(() => this.#tick());
    }

    /** @param {() => void} action */
    #everySecond(action) {
      clearInterval(this.#ticking);
      this.#ticking = setInterval(action, 1000);
    }

    /** @param {any} session */
    #update(session) {
      this.#session = session;
      this.#signInTimes = signInTimes();
      this.#tick();
    }

    /** Inserts the bar before the body, also when the app has removed it. */
    #show() {
      if (!this.#isShown) return;
      if (this.parentNode !== page.documentElement) {
        const { body } = page;
        page.documentElement.insertBefore(this, body?.parentNode === page.documentElement ? body : null);
      }
      this.#movePage();
    }

    /** Makes room at the edge of the page, so that the bar does not cover it. */
    #movePage() {
      const height = this.#isShown ? this.offsetHeight : 0;
      const edge = isAtBottom ? 'end' : 'start';
      pageSheet.replaceSync(
        `:root { --${NAME}-height: ${height}px; padding-block-${edge}: ${height}px !important; scroll-padding-block-${edge}: ${height}px; }`,
      );
      const others = page.adoptedStyleSheets.filter((sheet) => sheet !== pageSheet);
      const isAdopted = others.length < page.adoptedStyleSheets.length;
      if (this.#isShown && !isAdopted) page.adoptedStyleSheets = [...others, pageSheet];
      if (!this.#isShown) page.adoptedStyleSheets = others;
    }

    #tick() {
      const now = Date.now() + this.#serverAheadMs;
      const idleEnd = this.#session.last_active_at + INACTIVITY_MS;
      const fixedEnd = this.#session.expire_at;
      this.#inactivity.textContent = `Ends in ${clockText(idleEnd - now)} without activity,`;
      this.#fixedEnd.textContent = `in ${clockText(fixedEnd - now)} at the latest`;
      this.#inactivity.className = idleEnd < fixedEnd ? 'first' : '';
      this.#fixedEnd.className = idleEnd < fixedEnd ? '' : 'first';
      this.#announce(Math.ceil((Math.min(idleEnd, fixedEnd) - now) / 1000));
      const seemsOver = Math.min(idleEnd, fixedEnd) <= now || signInTimes() !== this.#signInTimes;
      const isDue = Date.now() - this.#requestedAt >= (seemsOver ? SHORT_POLL_MS : POLL_MS);
      if (isDue && !page.hidden) void this.#poll();
    }

    /** Announces each mark of the last minute once, for people who do not see the bar. @param {number} seconds */
    #announce(seconds) {
      const mark = ANNOUNCED_SECONDS.findLast((each) => seconds <= each);
      if (mark === undefined) this.#announced = Number.POSITIVE_INFINITY;
      if (mark === undefined || mark >= this.#announced || seconds <= 0) return;
      this.#announced = mark;
      this.#status.className = 'status';
      this.#status.textContent = `The session ends in ${seconds} seconds.`;
    }

    async #poll() {
      const { id } = this.#session;
      const answer = await this.#fetch(`client/sessions/${encodeURIComponent(id)}`);
      if (this.#session?.id !== id || this.#isStopping || !answer) return;
      const { status, body } = answer;
      const isActive = status === 200 && body.response.status === 'active';
      if (isActive) this.#update(body.response);
      else if (status === 200 || status === 401 || status === 404) await this.#endIfOver(id);
    }

    /** A refusal alone does not mean that the session has ended, so the bar stays until the client shows it. @param {string} id */
    async #endIfOver(id) {
      const current = await this.#current();
      if (this.#session?.id !== id || this.#isStopping || current === undefined || current?.id === id) return;
      if (this.#end('ended')) {
        this.#showEnd();
        return;
      }
      this.#hide();
      // Another sign-in in this browser may have replaced the session.
      if (current?.actor) this.#begin(current);
    }

    async #signOut() {
      if (this.#isStopping || !this.#session) return;
      this.#isStopping = true;
      this.#stop.setAttribute('aria-disabled', 'true');
      const { id } = this.#session;
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const answer = await this.#fetch('client/sessions?_method=DELETE', { method: 'POST', headers });
      const current = answer && answer.status < 300 ? null : await this.#current();
      this.#isStopping = false;
      this.#stop.removeAttribute('aria-disabled');
      if (current !== undefined && current?.id !== id) {
        const isLeft = this.#end('stopped');
        this.#hide();
        if (isLeft) leave();
        return;
      }
      this.#status.className = 'status shown';
      this.#status.textContent = 'The session could not be stopped. Please try again.';
    }

    /** Tells the app that the session has ended. Returns false if it keeps the page from being left. @param {'ended' | 'stopped'} reason */
    #end(reason) {
      const detail = { reason, session_id: this.#session?.id };
      this.#session = undefined;
      clearInterval(this.#ticking);
      return page.dispatchEvent(new CustomEvent('impersonation-ended', { cancelable: true, detail }));
    }

    #hide() {
      this.#isShown = false;
      this.#removal.disconnect();
      this.#size.disconnect();
      this.remove();
      this.#movePage();
    }

    /** Says that the session has ended by itself, and leaves the page soon after. */
    #showEnd() {
      let seconds = SECONDS_UNTIL_LEFT;
      const tell = () => {
        const what = afterSignOutUrl ? 'You leave this page' : 'This page reloads';
        this.#left.textContent = `${what} in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`;
      };
      this.#bar.className = 'ended';
      this.#who.title = '';
      this.#who.replaceChildren(element('b', {}, 'The session has ended.'));
      this.#buttons.replaceChildren(this.#leave, this.#stay);
      tell();
      this.#status.className = 'status';
      this.#status.textContent = `The session has ended. ${this.#left.textContent}`;
      this.#everySecond(() => {
        seconds -= 1;
        if (seconds > 0) tell();
        else leave();
      });
    }

    /** The person may still want to copy what they typed. */
    #cancelLeaving() {
      clearInterval(this.#ticking);
      this.#left.textContent = `${afterSignOutUrl ? 'Leave' : 'Reload'} this page before you go on.`;
      this.#buttons.replaceChildren(this.#leave);
      this.#leave.focus();
    }

    /**
     * Sends a request to the Frontend API. Returns undefined when there is no answer.
     * @param {string} path
     * @param {RequestInit} [options]
     */
    async #fetch(path, options) {
      this.#requestedAt = Date.now();
      try {
        const response = await fetch(api + path, { credentials: 'include', cache: 'no-store', ...options });
        const serverTime = Date.parse(response.headers.get('date') ?? '');
        // The header has whole seconds, so half a second is added. Where it cannot be read, the clock of this machine is used.
        if (serverTime) this.#serverAheadMs = serverTime + 500 - (this.#requestedAt + Date.now()) / 2;
        const reason = response.headers.get('impersonation-reason');
        return { status: response.status, body: await response.json(), reason };
      } catch {
        return undefined;
      }
    }
  }

  customElements.define(NAME, ImpersonationBanner);
  void new ImpersonationBanner().look();
})();
