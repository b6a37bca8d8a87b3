import { type Html, html } from '../express/html.ts';
import type { Impersonation } from './impersonations.ts';

export interface User {
  readonly id: string;
  readonly name: string;
  email: string;
  note: string;
}

/** The user whose data a page shows, and the impersonation in which it is shown, if it is one. */
export interface View {
  readonly user: User;
  readonly impersonation: Impersonation | undefined;
}

interface PageParts {
  readonly title: string;
  readonly body: Html;
  /** The script of the page, if it has one of its own. */
  readonly script?: Html;
  /** Undefined for users themselves. */
  readonly impersonation?: Impersonation | undefined;
}

function document(frontendApiUrl: string, { title, body, impersonation, script }: PageParts): string {
  const acting = impersonation
    ? html`<script defer src="/acting.js" data-frontend-api-url="${frontendApiUrl}" data-session-id="${impersonation.sessionId}"></script>`
    : '';
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
${acting}${script ?? ''}
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</html>
`.text;
}

function button(action: string, label: string): Html {
  return html`<form method="post" action="${action}"><button>${label}</button></form>`;
}

interface Field {
  readonly action: string;
  readonly label: string;
  readonly type: string;
  readonly value: string;
}

/** A form that changes one value of a user. It names the user, so it is refused when it is sent as somebody else. */
function field(user: User, { action, label, type, value }: Field): Html {
  return html`<form method="post" action="${action}"><input type="hidden" name="as" value="${user.id}">
<label>${label} <input name="value" type="${type}" value="${value}"></label> <button>Change</button>
</form>`;
}

const nothingChanged = html`<p>Nothing was changed. <a href="/">Back</a></p>`;

/** Returns all pages of the app. */
export function pagesFor(frontendApiUrl: string) {
  const page = (title: string, body: Html, impersonation?: Impersonation) =>
    document(frontendApiUrl, { title, body, impersonation });

  return {
    account: ({ user, impersonation }: View) =>
      document(frontendApiUrl, {
        title: 'Account',
        body: html`
${
  impersonation
    ? html`<p>You act as <strong id="user">${user.name}</strong>. You are <strong id="actor">${impersonation.actorSub}</strong>.</p>
${button('/impersonate/stop', `Stop acting as ${user.name}`)}`
    : html`<p>You are <strong id="user">${user.name}</strong>.</p>${button('/logout', 'Log out')}`
}
${field(user, { action: '/note', label: 'Note', type: 'text', value: user.note })}
${field(user, { action: '/email', label: 'E-mail address', type: 'email', value: user.email })}`,
        impersonation,
      }),

    login: (users: Iterable<User>) =>
      page(
        'Log in',
        html`<form method="post" action="/login"><select name="id" aria-label="User">${[...users].reduce(
          (options, { id, name }) => html`${options}<option value="${id}">${name}</option>`,
          html``,
        )}</select> <button>Log in</button></form>`,
      ),

    impersonate: () =>
      document(frontendApiUrl, {
        title: 'Act as a user',
        body: html`<p role="status">One moment …</p><p><a href="/">To the app</a></p>`,
        script: html`<script defer src="/impersonate.js" data-frontend-api-url="${frontendApiUrl}"></script>`,
      }),

    ended: () =>
      page(
        'You no longer act as a user',
        html`<p>The session has ended. Nothing was changed by your last request.</p>
${button('/impersonate/stop', 'Go on as yourself')}`,
      ),

    foreign: () =>
      page(
        'This did not come from this app',
        html`<p>The request came from a page of another site.</p>${nothingChanged}`,
      ),

    onlyTheUser: (impersonation: Impersonation) =>
      page(
        'Not while you act as a user',
        html`<p>You are <strong id="actor">${impersonation.actorSub}</strong>. Only the user can change this.</p>${nothingChanged}`,
        impersonation,
      ),

    readOnly: (impersonation: Impersonation) => page('You may only read', nothingChanged, impersonation),

    somebodyElse: (impersonation?: Impersonation) =>
      page(
        'You are somebody else now',
        html`<p>This form was opened as another user.</p>${nothingChanged}`,
        impersonation,
      ),

    unknown: () =>
      page(
        'Please try again',
        html`<p>Whether you still act as the user could not be checked. Nothing was changed.</p>`,
      ),
  };
}
