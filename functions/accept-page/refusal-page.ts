// The page that explains why a link does not work.
import { AlreadyUsedError } from '../../shared/actor-tokens/presentation.ts';
import type { ApiError, ErrorCode } from '../../shared/base/errors.ts';
import type { Instance } from '../../shared/base/instance.ts';
import { presentedClients } from '../../shared/clients/client-cookie.ts';
import type { Answer } from '../../shared/http/answer.ts';
import { answerError } from '../../shared/http/answer-error.ts';
import { formBody } from '../../shared/http/body.ts';
import { longMessageOf } from '../../shared/http/error-catalogue.ts';
import type { HttpRequest } from '../../shared/http/request.ts';
import { type Html, html } from './html.ts';
import { continueHtml, formHtml, headersOf, page, timeHtml } from './layout.ts';
import { onwardUrl } from './onward-url.ts';

/** The text about a link that does not work. */
interface Explanation {
  readonly heading: string;
  /** Undefined for the sentence of the error. */
  readonly advice?: string;
}

const NEW_LINK = 'If you still need to sign in, ask for a new link.';

/** Texts for the errors that another attempt does not change, for the person who followed the link. */
const explanations: { readonly [Code in ErrorCode]?: Explanation } = {
  actor_token_revoked_code: {
    heading: 'This link has been revoked',
    advice: `It was revoked before anyone used it. ${NEW_LINK}`,
  },
  actor_token_cannot_be_used_code: {
    heading: 'This link no longer works',
    advice: `The account was banned, or got another id, after the link was created. ${NEW_LINK}`,
  },
  ticket_expired_code: {
    heading: 'This link has expired',
    advice: `A link works for a limited time only. ${NEW_LINK}`,
  },
  ticket_invalid_code: {
    heading: 'This link is damaged',
    advice:
      'Part of it may be missing, or it may belong to another service. Open the original link, or ask for a new one.',
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

/** The parameters of the link, wherever the request has them. */
function paramsOf(request: HttpRequest): URLSearchParams {
  return request.method === 'POST' ? formBody(request) : request.query;
}

/** Repeats a request that failed for the moment: its ticket is no longer in the address. */
function anotherAttempt(request: HttpRequest): Html {
  const params = paramsOf(request);
  return formHtml({
    method: request.method === 'POST' ? 'post' : 'get',
    ticket: params.get('ticket') ?? '',
    redirectUrl: params.get('redirect_url') ?? undefined,
    button: html`Try again`,
  });
}

interface RefusalParts {
  readonly heading: string;
  readonly main: Html;
}

function onwardHtml(request: HttpRequest): Html {
  return continueHtml(onwardUrl(paramsOf(request), request.instance));
}

/**
 * The page without a ticket, which is what the page of a link becomes when it is reloaded: its script has taken the ticket out of the
 * address. The script shows the second part in a tab that has signed in.
 */
function withoutTicket(request: HttpRequest): RefusalParts {
  const heading = 'Open the link again';
  const main = html`<div><h1>${heading}</h1>
<p>This page was reloaded, or part of its address is missing. Open the original link again: it works until somebody uses it or it expires.</p></div>
<div id="signed-in-before" hidden><h1><span class="short">You signed in as <bdi></bdi></span></h1>
<p>That was in this tab (<time></time>), and this page was reloaded since. To use another link, open that one.</p>
${onwardHtml(request)}</div>`;
  return { heading, main };
}

/** The page of a link that was used: when, and whether by this browser. */
function alreadyUsed({ acceptance }: AlreadyUsedError, request: HttpRequest): RefusalParts {
  const { at, clientId, clientSecretHash } = acceptance;
  const { clients } = presentedClients(request.cookies, request.instance);
  const isOwn = clients.some(({ id, secretHash }) => id === clientId && secretHash === clientSecretHash);
  const heading = 'This link has been used';
  const main = html`<h1>${heading}</h1>
<p>It was used ${isOwn ? 'in this browser' : 'before'} (${timeHtml(at)}). A link works only once. ${NEW_LINK}</p>
${isOwn ? onwardHtml(request) : html`<p>If you did not use it yourself, inform the people who run this service.</p>`}`;
  return { heading, main };
}

function refusalParts(error: ApiError, request: HttpRequest): RefusalParts {
  if (error.code === 'ticket_invalid_code' && !paramsOf(request).get('ticket')) return withoutTicket(request);
  if (error instanceof AlreadyUsedError) return alreadyUsed(error, request);
  const { heading, advice = longMessageOf(error.items[0]) } = explanations[error.code] ?? {
    heading: 'This did not work',
  };
  const retry = temporary.has(error.code) ? anotherAttempt(request) : html``;
  return { heading, main: html`<h1>${heading}</h1>\n<p>${advice}</p>\n${retry}` };
}

function helpHtml({ helpUrl }: Instance): Html {
  if (!helpUrl) return html``;
  const { protocol, host, pathname } = new URL(helpUrl);
  const address = protocol === 'mailto:' ? pathname : `${host}${pathname.replace(/\/$/, '')}`;
  return html`<p>Help and new links: <a href="${helpUrl}">${address}</a></p>\n`;
}

/** A page that explains why the link does not work, with the status and headers that the error has for programs. */
export function refusalPage(error: ApiError, traceId: string, request: HttpRequest): Answer {
  const { instance } = request;
  const { body: _envelope, ...answer } = answerError(error, traceId);
  const { heading, main } = refusalParts(error, request);
  const whole = html`${main}
${helpHtml(instance)}<p class="note">Trace id: <code>${traceId}</code></p>`;
  return {
    ...answer,
    text: page({ title: heading, main: whole }, instance),
    headers: { ...answer.headers, ...headersOf(instance) },
  };
}
