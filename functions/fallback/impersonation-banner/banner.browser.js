// A bar for every page of an app: while an actor is signed in as a user, it shows both names, the time that is left, and a button that
// signs out. Its height is in `--impersonation-banner-height` of the root element. When the session ends, `impersonation-ended` fires on
// the document. A page that cancels this event is not reloaded after Stop.
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

  /** The Frontend API, which serves this script. */
  const api = new URL('.', script.src).href;
  const POLL_MS = 20_000;
  /** The pause when the session seems to be over. */
  const SHORT_POLL_MS = 2000;
  /** A session without activity for this long is expired. The API replaces the name with its limit. */
  const INACTIVITY_MS = Number('__INACTIVITY_IN_SECONDS__') * 1000;
  /** The remaining seconds at which screen readers announce the end of the session. */
  const ANNOUNCED_SECONDS = [60, 30, 10];

  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host {
      all: initial; display: block !important; visibility: visible !important; opacity: 1 !important; position: fixed !important;
      inset: 0 0 auto 0 !important; z-index: 2147483647 !important; color-scheme: light dark;
      font: 14px/1.35 system-ui, sans-serif; color: light-dark(#2b1a00, #ffe2ad);
    }
    section {
      display: flex; flex-wrap: wrap; align-items: center; gap: 4px 20px; box-sizing: border-box;
      padding: 8px max(16px, env(safe-area-inset-right)) 8px max(16px, env(safe-area-inset-left));
      background: light-dark(#ffc24b, #3b2805); border-block-end: 1px solid light-dark(#b97a00, #a97613);
    }
    p { margin: 0; overflow-wrap: anywhere; }
    .who { flex: 1 1 16rem; }
    .left { display: flex; flex-wrap: wrap; gap: 0 16px; font-variant-numeric: tabular-nums; }
    .first { font-weight: 700; }
    button {
      font: inherit; font-weight: 600; min-height: 32px; padding: 4px 16px; cursor: pointer; border-radius: 6px;
      color: light-dark(#fff, #2b1a00); background: light-dark(#2b1a00, #ffd27d); border: 1px solid transparent;
    }
    button:focus-visible { outline: 3px solid light-dark(#0b3fc4, #fff); outline-offset: 2px; }
    button[aria-disabled="true"] { opacity: .6; cursor: default; }
    .status { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    .status.shown { position: static; width: auto; height: auto; clip-path: none; white-space: normal; flex-basis: 100%; }
    @media (max-width: 520px) {
      section { display: grid; grid-template-columns: 1fr auto; padding-block: 6px; }
      .left { grid-row: 2; font-size: 13px; }
      button { grid-row: 1 / span 2; grid-column: 2; min-height: 40px; }
      .status.shown { grid-column: 1 / -1; }
    }
  `);
  /** Moves the page down by the height of the bar. */
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
    /** @type {ReturnType<typeof setInterval> | undefined} */
    #ticking;
    #who = element('p', { class: 'who' });
    #inactivity = element('span', {});
    #fixedEnd = element('span', {});
    #status = element('p', { class: 'status', role: 'status', 'aria-live': 'polite' });
    #stop = element('button', { type: 'button' }, 'Stop');
    #removal = new MutationObserver(() => this.#show());
    #size = new ResizeObserver(() => this.#movePage());

    constructor() {
      super();
      const left = element('p', { class: 'left', role: 'timer', 'aria-live': 'off' }, this.#inactivity, this.#fixedEnd);
      const label = { role: 'region', 'aria-label': 'Impersonation' };
      const root = this.attachShadow({ mode: 'open' });
      root.adoptedStyleSheets = [style];
      root.append(element('section', label, this.#who, left, this.#stop, this.#status));
      this.#stop.addEventListener('click', () => this.#signOut());
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
      this.#who.replaceChildren('Signed in as ', bold(target), ', by ', bold(actor), ...id);
      this.#stop.setAttribute('aria-label', `Stop: sign out of the account of ${target}`);
      this.#show();
      this.#removal.observe(page.documentElement, { childList: true });
      this.#size.observe(this);
      clearInterval(this.#ticking);
      this.#ticking = setInterval(() => this.#tick(), 1000);
    }

    /** @param {any} session */
    #update(session) {
      this.#session = session;
      this.#signInTimes = signInTimes();
      this.#tick();
    }

    /** Inserts the bar before the body, also when the app has removed it. */
    #show() {
      if (!this.#session) return;
      if (this.parentNode !== page.documentElement) {
        const { body } = page;
        page.documentElement.insertBefore(this, body?.parentNode === page.documentElement ? body : null);
      }
      this.#movePage();
    }

    /** Moves the page down, so that the bar does not cover it. */
    #movePage() {
      const height = this.#session ? this.offsetHeight : 0;
      pageSheet.replaceSync(
        `:root { --${NAME}-height: ${height}px; padding-block-start: ${height}px !important; scroll-padding-block-start: ${height}px; }`,
      );
      const others = page.adoptedStyleSheets.filter((sheet) => sheet !== pageSheet);
      const isAdopted = others.length < page.adoptedStyleSheets.length;
      if (this.#session && !isAdopted) page.adoptedStyleSheets = [...others, pageSheet];
      if (!this.#session) page.adoptedStyleSheets = others;
    }

    #tick() {
      const now = Date.now() + this.#serverAheadMs;
      const idleEnd = this.#session.last_active_at + INACTIVITY_MS;
      const fixedEnd = this.#session.expire_at;
      this.#inactivity.textContent = `${clockText(idleEnd - now)} left without activity`;
      this.#fixedEnd.textContent = `${clockText(fixedEnd - now)} left at most`;
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
      this.#end('ended');
      // Another sign-in in this browser may have replaced the session.
      if (current?.actor) this.#begin(current);
    }

    async #signOut() {
      if (this.#isStopping) return;
      this.#isStopping = true;
      this.#stop.setAttribute('aria-disabled', 'true');
      const { id } = this.#session;
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const answer = await this.#fetch('client/sessions?_method=DELETE', { method: 'POST', headers });
      const current = answer && answer.status < 300 ? null : await this.#current();
      this.#isStopping = false;
      this.#stop.removeAttribute('aria-disabled');
      if (current !== undefined && current?.id !== id) {
        if (this.#end('stopped')) location.reload();
        return;
      }
      this.#status.className = 'status shown';
      this.#status.textContent = 'The session could not be stopped. Please try again.';
    }

    /** @param {'ended' | 'stopped'} reason */
    #end(reason) {
      const session_id = this.#session?.id;
      this.#session = undefined;
      clearInterval(this.#ticking);
      this.#removal.disconnect();
      this.#size.disconnect();
      this.remove();
      this.#movePage();
      const detail = { reason, session_id };
      return page.dispatchEvent(new CustomEvent('impersonation-ended', { cancelable: true, detail }));
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
