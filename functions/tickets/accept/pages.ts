// The pages of the accept link: the offer to sign in, where the app has no sign-in page, and the explanation why a link does not work. No
// page contains the ticket: the page's script reads it from the address and then removes it there.
import { createHash } from 'node:crypto';
import type { ApiError, ErrorCode } from '../../../shared/base/errors.ts';
import type { Instance } from '../../../shared/base/instance.ts';
import type { Answer } from '../../../shared/http/answer.ts';
import { answerError } from '../../../shared/http/answer-error.ts';
import { longMessageOf } from '../../../shared/http/error-catalogue.ts';
import type { SignInPreview } from '../../../shared/sign-ins/preview-sign-in.ts';
import { displayNameOf, identifierOf } from '../../../shared/users/user.ts';
import { type Html, html, trusted } from './html.ts';
import script from './page.browser.js' with { type: 'text' };
import style from './page.css' with { type: 'text' };
import { actorNameOf, durationText, instantText } from './wording.ts';

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `script-src ${hashSource(script)}`,
  `style-src ${hashSource(style)}`,
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  // With `no-referrer` a POST would have `Origin: null`, which the Frontend API refuses.
  'referrer-policy': 'strict-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex',
} as const;

/** The text about a link that does not work. */
interface Explanation {
  readonly heading: string;
  readonly advice: string;
}

/** Texts for the errors that another attempt does not change, for the person who followed the link. */
const explanations: { readonly [Code in ErrorCode]?: Explanation } = {
  actor_token_already_used_code: {
    heading: 'This link has been used',
    advice:
      'A link works only once. If you did not use it yourself, inform the people who run this service. To sign in again, ask for a new link.',
  },
  actor_token_revoked_code: {
    heading: 'This link has been revoked',
    advice: 'It was revoked before anyone used it. If you still need to sign in, ask for a new link.',
  },
  actor_token_cannot_be_used_code: {
    heading: 'This link no longer works',
    advice: 'The account was banned after the link was created. If you still need to sign in, ask for a new link.',
  },
  ticket_expired_code: {
    heading: 'This link has expired',
    advice: 'A link works for a limited time only. If you still need to sign in, ask for a new link.',
  },
  ticket_invalid_code: {
    heading: 'This link is damaged',
    advice:
      'Part of it may be missing, it may belong to another service, or this page was reloaded. Open the original link again, or ask for a new one.',
  },
  actor_token_subject_not_found: {
    heading: 'This account no longer exists',
    advice: 'It was deleted after the link was created, so nobody can sign in to it.',
  },
  user_banned: {
    heading: 'This account is banned',
    advice: 'Nobody can sign in to a banned account. When the ban is lifted, ask for a new link.',
  },
};

function explanationHtml({ heading, advice }: Explanation): Html {
  return html`<h1 tabindex="-1">${heading}</h1>
<p>${advice}</p>`;
}

interface PageParts {
  readonly title: string;
  readonly main: Html;
  readonly templates?: Html;
}

function page({ title, main, templates = html`` }: PageParts, { applicationName }: Instance): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${applicationName}</title>
<style>${trusted(style)}</style>
</head>
<body>
<header><p><bdi>${applicationName}</bdi></p></header>
<main>
${main}
</main>
${templates}<script type="module">${trusted(script)}</script>
</body>
</html>
`.markup;
}

/** A page that explains why the link does not work, with the status and headers that the error has for programs. */
export function refusalPage(error: ApiError, traceId: string, instance: Instance): Answer {
  const explained = explanations[error.code];
  const { body: _envelope, ...answer } = answerError(error, traceId);
  const explanation = explained ?? { heading: 'This did not work', advice: longMessageOf(error.items[0]) };
  const trace = explained ? html`` : html`\n<p class="note">Trace id: <code>${traceId}</code></p>`;
  const main = html`${explanationHtml(explanation)}${trace}`;
  return {
    ...answer,
    text: page({ title: explanation.heading, main }, instance),
    headers: { ...answer.headers, ...HEADERS },
  };
}

function rowHtml(term: string, value: Html): Html {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>\n`;
}

function personHtml(name: string, ...details: readonly (string | null)[]): Html {
  const others = [...new Set(details)].filter((detail) => detail !== null).filter((detail) => detail !== name);
  return html`<bdi class="name">${name}</bdi>${others.map((detail) => html`<br><bdi class="detail">${detail}</bdi>`)}`;
}

function continueHtml(redirect: URL | undefined): Html {
  if (!redirect) return html`<p>You can close this page and open the app in this browser.</p>`;
  return html`<p><a class="button" href="${redirect.href}">Continue to ${redirect.host}</a></p>`;
}

/** The facts about the sign-in that the button would cause. */
function detailsHtml({ actorToken, user }: SignInPreview, inactivity: string): readonly Html[] {
  const { actor, expireAt } = actorToken;
  const name = displayNameOf(user);
  const duration = durationText(actorToken.sessionMaxDurationInSeconds);
  const until = html`<time datetime="${new Date(expireAt).toISOString()}">${instantText(expireAt)}</time>`;
  return [
    rowHtml('Account', personHtml(name, identifierOf(user), user.id)),
    rowHtml('Acting', personHtml(actorNameOf(actor) ?? actor.sub, actor.sub)),
    rowHtml('For', html`at most ${duration}<br><span class="detail">ends after ${inactivity} without activity</span>`),
    rowHtml('This link', html`works once, until ${until}`),
  ];
}

/** The templates that the page's script shows for each outcome. */
function outcomesHtml({ actorToken, user }: SignInPreview, redirect: URL | undefined, inactivity: string): Html {
  const duration = durationText(actorToken.sessionMaxDurationInSeconds);
  const done = html`<template data-outcome="signed_in">
<h1 tabindex="-1">Signed in as <bdi>${displayNameOf(user)}</bdi></h1>
<p>The session ends <span data-end>in ${duration}</span>, or earlier after ${inactivity} without activity.</p>
${continueHtml(redirect)}
</template>
`;
  const failed = Object.entries(explanations).map(
    ([code, explanation]) => html`<template data-outcome="${code}">
${explanationHtml(explanation)}
</template>
`,
  );
  return html`${done}${failed}`;
}

/** The page that shows who will act as whom, and has the button that redeems the ticket. */
export function offerPage(preview: SignInPreview, redirect: URL | undefined, instance: Instance): Answer {
  const name = displayNameOf(preview.user);
  const inactivity = durationText(instance.inactivityInSeconds);
  const main = html`<h1 tabindex="-1">Sign in as <bdi>${name}</bdi></h1>
<p>You are about to use another person’s account. The sign-in is recorded: who acted as whom, when and from where.</p>
<dl>
${detailsHtml(preview, inactivity)}</dl>
<form>
<button type="submit" disabled>Sign in as <bdi>${name}</bdi></button>
<p role="status" aria-live="polite"></p>
</form>
<noscript><p>You need JavaScript to sign in, but it is switched off in this browser.</p></noscript>
<p class="note">Nothing happens until you press the button. It ends any other session of this browser. If this link is not for you, close this page.</p>`;
  const templates = outcomesHtml(preview, redirect, inactivity);
  return { status: 200, text: page({ title: `Sign in as ${name}`, main, templates }, instance), headers: HEADERS };
}
