import { type Html, html } from './html.ts';

/** The settings of the Frontend API, which every page needs. */
export interface PageSettings {
  readonly publishableKey: string;
  readonly frontendApiUrl: string;
}

/** The person who looks at a page. */
export interface Viewer {
  readonly name: string;
  readonly email: string;
  /** The person who acts as the user; undefined for the user. */
  readonly actor: string | undefined;
}

interface PageParts {
  readonly title: string;
  readonly body: Html;
  /** A script of public/ that runs after clerk-js. */
  readonly script?: string;
}

function clerkScripts({ publishableKey, frontendApiUrl }: PageSettings, script: string): Html {
  return html`<script defer src="/clerk-js/clerk.browser.js"
  data-clerk-publishable-key="${publishableKey}" data-clerk-proxy-url="${frontendApiUrl}"></script>
<script type="module" src="/${script}"></script>`;
}

function document(settings: PageSettings, { title, body, script }: PageParts): string {
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
${script ? clerkScripts(settings, script) : ''}
<script defer src="${settings.frontendApiUrl}/v1/impersonation-banner.js"></script>
<main>
<h1>${title}</h1>
${body}
</main>
</html>
`.text;
}

function viewerText({ name, actor }: Viewer): Html {
  return actor === undefined
    ? html`<p>You are <strong id="user">${name}</strong>.</p>`
    : html`<p>You see what <strong id="user">${name}</strong> sees. You are <strong id="actor">${actor}</strong>, acting as them.</p>`;
}

export function homePage(settings: PageSettings, viewer: Viewer): string {
  const body = html`${viewerText(viewer)}<p><a href="/account">Account</a></p>`;
  return document(settings, { title: 'Home', body, script: 'signed-in.js' });
}

export function accountPage(settings: PageSettings, viewer: Viewer): string {
  const body = html`${viewerText(viewer)}
<form method="post" action="/account/email">
<label>E-mail address <input name="email" type="email" required value="${viewer.email}"></label>
<button>Change</button>
</form>
<p><a href="/">Home</a></p>`;
  return document(settings, { title: 'Account', body, script: 'signed-in.js' });
}

export function refusalPage(settings: PageSettings, actor: string): string {
  const body = html`<p>You are <strong id="actor">${actor}</strong>, acting as a user.
Only the user can change the e-mail address. Nothing was changed.</p>
<p><a href="/account">Back to the account</a></p>`;
  return document(settings, { title: 'Not while you act as a user', body, script: 'signed-in.js' });
}

export function signedOutPage(settings: PageSettings): string {
  const body = html`<p>Nobody is signed in. Open the link of an actor token.</p>`;
  return document(settings, { title: 'Signed out', body });
}

export function signInPage(settings: PageSettings): string {
  const body = html`<p>The link of an actor token signs you in as a user of this app. It works once.</p>
<p><button type="button" hidden>Sign in</button></p>
<p role="status"></p>`;
  return document(settings, { title: 'Sign in', body, script: 'sign-in.js' });
}
