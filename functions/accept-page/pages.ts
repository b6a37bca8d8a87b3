// The pages of the accept link: the offer to sign in, the completed sign-in, and the explanation why a link does not work. The ticket is in
// a form of the page, and nowhere else: the page's script removes it from the address.
import { createHash } from 'node:crypto';
import type { ApiError, ErrorCode } from '../../shared/base/errors.ts';
import type { Instance } from '../../shared/base/instance.ts';
import type { EpochMs } from '../../shared/base/time.ts';
import type { Answer } from '../../shared/http/answer.ts';
import { answerError } from '../../shared/http/answer-error.ts';
import { formBody } from '../../shared/http/body.ts';
import { longMessageOf } from '../../shared/http/error-catalogue.ts';
import type { HttpRequest } from '../../shared/http/request.ts';
import type { SignInPreview } from '../../shared/sign-ins/preview-sign-in.ts';
import type { CompletedSignIn } from '../../shared/sign-ins/sign-in-with-ticket.ts';
import { displayNameOf, identifierOf } from '../../shared/users/user.ts';
import { type Html, html, trusted } from './html.ts';
import script from './page.browser.js' with { type: 'text' };
import style from './page.css' with { type: 'text' };
import { actorNameOf, durationText, instantText } from './wording.ts';

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

const SCRIPT_SOURCE = hashSource(script);
const STYLE_SOURCE = hashSource(style);

/** Chromium and Safari apply `form-action` to the redirect after a form too, so it names the origin of the sign-in page. */
function contentSecurityPolicy({ signInUrl }: Instance): string {
  const formActions = ["'self'", ...(signInUrl ? [new URL(signInUrl).origin] : [])];
  return [
    "default-src 'none'",
    // The empty icon of the page, in place of the one that Firefox requests and then reports as blocked.
    'img-src data:',
    `script-src ${SCRIPT_SOURCE}`,
    `style-src ${STYLE_SOURCE}`,
    `form-action ${formActions.join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

function headersOf(instance: Instance) {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': contentSecurityPolicy(instance),
    // With `no-referrer` the form would be sent with `Origin: null`, which is refused.
    'referrer-policy': 'strict-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'x-frame-options': 'DENY',
    'x-robots-tag': 'noindex',
  } as const;
}

/** The text about a link that does not work. */
interface Explanation {
  readonly heading: string;
  /** Undefined for the sentence of the error. */
  readonly advice?: string;
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
    advice:
      'The account was banned, or got another id, after the link was created. If you still need to sign in, ask for a new link.',
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
  // The sentence says which rule or block it was.
  not_allowed_access: { heading: 'You may not sign in to this account' },
  user_banned: {
    heading: 'This account is banned',
    advice: 'Nobody can sign in to a banned account. When the ban is lifted, ask for a new link.',
  },
};

/** Errors that another attempt with the same ticket can end. */
const temporary: ReadonlySet<ErrorCode> = new Set([
  'authentication_invalid',
  'service_unavailable',
  'too_many_requests',
]);

interface PageParts {
  readonly title: string;
  readonly main: Html;
}

function page({ title, main }: PageParts, { applicationName }: Instance): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${title} · ${applicationName}</title>
<style>${trusted(style)}</style>
</head>
<body>
<header><p><bdi>${applicationName}</bdi></p></header>
<main>
${main}
</main>
<script type="module">${trusted(script)}</script>
</body>
</html>
`.markup;
}

interface FormParts {
  readonly method: 'get' | 'post';
  readonly ticket: string;
  /** The page to continue to. */
  readonly redirectUrl: string | undefined;
  readonly button: Html;
}

/**
 * A form for the path of the page, which works without a script. The address of the page can contain a ticket, so it is not repeated.
 */
function formHtml({ method, ticket, redirectUrl, button }: FormParts): Html {
  const redirect = redirectUrl && html`<input type="hidden" name="redirect_url" value="${redirectUrl}">\n`;
  return html`<form method="${method}" action="accept">
<input type="hidden" name="ticket" value="${ticket}">
${redirect}<button type="submit">${button}</button>
<p role="status" aria-live="polite"></p>
</form>`;
}

/** Repeats a request that failed for the moment: its ticket is no longer in the address. */
function anotherAttempt(request: HttpRequest): Html {
  const isPost = request.method === 'POST';
  const fields = isPost ? formBody(request) : request.query;
  const ticket = fields.get('ticket') ?? '';
  const redirectUrl = fields.get('redirect_url') ?? undefined;
  return formHtml({ method: isPost ? 'post' : 'get', ticket, redirectUrl, button: html`Try again` });
}

/** A page that explains why the link does not work, with the status and headers that the error has for programs. */
export function refusalPage(error: ApiError, traceId: string, request: HttpRequest): Answer {
  const { instance } = request;
  const explained = explanations[error.code];
  const { body: _envelope, ...answer } = answerError(error, traceId);
  const { heading, advice = longMessageOf(error.items[0]) } = explained ?? { heading: 'This did not work' };
  const trace = explained ? html`` : html`\n<p class="note">Trace id: <code>${traceId}</code></p>`;
  const retry = temporary.has(error.code) ? html`\n${anotherAttempt(request)}` : html``;
  const main = html`<h1>${heading}</h1>
<p>${advice}</p>${retry}${trace}`;
  return {
    ...answer,
    text: page({ title: heading, main }, instance),
    headers: { ...answer.headers, ...headersOf(instance) },
  };
}

function rowHtml(term: string, value: Html): Html {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>\n`;
}

function personHtml(name: string, ...details: readonly (string | null)[]): Html {
  const others = [...new Set(details)].filter((detail) => detail !== null).filter((detail) => detail !== name);
  return html`<bdi class="name">${name}</bdi>${others.map((detail) => html`<br><bdi class="detail">${detail}</bdi>`)}`;
}

function timeHtml(at: EpochMs): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${instantText(at)}</time>`;
}

/** The facts about the sign-in that the button would cause. */
function detailsHtml({ actorToken, user }: SignInPreview, inactivity: string): readonly Html[] {
  const { actor, reason, expireAt } = actorToken;
  const duration = durationText(actorToken.sessionMaxDurationInSeconds);
  return [
    rowHtml('Account', personHtml(displayNameOf(user), identifierOf(user), user.id)),
    rowHtml('Acting', personHtml(actorNameOf(actor) ?? actor.sub, actor.sub)),
    ...(reason === undefined ? [] : [rowHtml('Reason', html`<bdi>${reason}</bdi>`)]),
    rowHtml('For', html`at most ${duration}<br><span class="detail">ends after ${inactivity} without activity</span>`),
    rowHtml('This link', html`works once, until ${timeHtml(expireAt)}`),
  ];
}

interface Offer {
  readonly preview: SignInPreview;
  readonly ticket: string;
  readonly redirect: URL | undefined;
}

/** The page that shows who will act as whom, and has the button that redeems the ticket or leads on to the app's sign-in page. */
export function offerPage({ preview, ticket, redirect }: Offer, instance: Instance): Answer {
  const name = displayNameOf(preview.user);
  const app = instance.signInUrl && new URL(instance.signInUrl).host;
  const button = app ? html`Continue to ${app} as <bdi>${name}</bdi>` : html`Sign in as <bdi>${name}</bdi>`;
  const effect = app
    ? html`It ends any other session of this browser, and ${app} then signs you in.`
    : html`It ends any other session of this browser.`;
  const main = html`<h1>Sign in as <bdi>${name}</bdi></h1>
<p>You are about to use another person’s account. It is recorded who acts as whom, when and from where.</p>
<dl>
${detailsHtml(preview, durationText(instance.inactivityInSeconds))}</dl>
${formHtml({ method: 'post', ticket, redirectUrl: redirect?.href, button })}
<p class="note">Nothing happens until you press the button. ${effect} If this link is not for you, close this page.</p>`;
  return { text: page({ title: `Sign in as ${name}`, main }, instance), headers: headersOf(instance) };
}

function continueHtml(redirect: URL | undefined): Html {
  if (!redirect) return html`<p>You can close this page and open the app in this browser.</p>`;
  return html`<p><a class="button" href="${redirect.href}">Continue to ${redirect.host}</a></p>`;
}

/** The page of a completed sign-in. */
export function signedInPage(
  { session, user }: Pick<CompletedSignIn, 'session' | 'user'>,
  redirect: URL | undefined,
  instance: Instance,
): Answer {
  const name = user ? displayNameOf(user) : session.userId;
  const inactivity = durationText(instance.inactivityInSeconds);
  const main = html`<h1>Signed in as <bdi>${name}</bdi></h1>
<p>The session ends at ${timeHtml(session.expireAt)}, or earlier after ${inactivity} without activity.</p>
${continueHtml(redirect)}`;
  return { text: page({ title: `Signed in as ${name}`, main }, instance), headers: headersOf(instance) };
}
