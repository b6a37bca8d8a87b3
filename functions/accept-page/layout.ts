// The frame that all pages of the link have: document, headers, and the pieces from which they are made.
import { createHash } from 'node:crypto';
import type { Instance } from '../../shared/base/instance.ts';
import type { EpochMs } from '../../shared/base/time.ts';
import { type Html, html, trusted } from './html.ts';
import script from './page.browser.js' with { type: 'text' };
import style from './page.css' with { type: 'text' };
import { instantText } from './wording.ts';

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

const SCRIPT_SOURCE = hashSource(script);
const STYLE_SOURCE = hashSource(style);

/** Chromium and Safari apply `form-action` to the redirect after a form too, so it names the origin of the sign-in page. */
function contentSecurityPolicy({ signInUrl, logoUrl }: Instance): string {
  const formActions = ["'self'", ...(signInUrl ? [new URL(signInUrl).origin] : [])];
  return [
    "default-src 'none'",
    // Without a logo, the empty icon of the page, in place of the one that Firefox requests and then reports as blocked.
    `img-src ${logoUrl ? new URL(logoUrl).origin : 'data:'}`,
    `script-src ${SCRIPT_SOURCE}`,
    `style-src ${STYLE_SOURCE}`,
    `form-action ${formActions.join(' ')}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** The headers of every page. */
export function headersOf(instance: Instance) {
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

interface PageParts {
  readonly title: string;
  readonly main: Html;
}

/** The text of a page. */
export function page({ title, main }: PageParts, { applicationName, logoUrl }: Instance): string {
  const logo = logoUrl && html`<img src="${logoUrl}" alt="">`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${logoUrl ?? 'data:,'}">
<title>${title} · ${applicationName}</title>
<style>${trusted(style)}</style>
</head>
<body>
<header><p>${logo}<bdi>${applicationName}</bdi></p></header>
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
export function formHtml({ method, ticket, redirectUrl, button }: FormParts): Html {
  const redirect = redirectUrl && html`<input type="hidden" name="redirect_url" value="${redirectUrl}">\n`;
  return html`<form method="${method}" action="accept">
<input type="hidden" name="ticket" value="${ticket}">
${redirect}<button type="submit">${button}</button>
<p role="status" aria-live="polite"></p>
</form>`;
}

/** The way onward to the app; nothing where no page is known. */
export function continueHtml(onward: URL | undefined): Html {
  return onward
    ? html`<p><a class="button" href="${onward.href}"><span class="short">Continue to ${onward.host}</span></a></p>`
    : html``;
}

/** One fact in a list of terms. */
export function rowHtml(term: string, value: Html): Html {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>\n`;
}

/** A person's name, and below it what identifies them. */
export function personHtml(name: string, ...details: readonly (string | null)[]): Html {
  const others = [...new Set(details)].filter((detail) => detail !== null).filter((detail) => detail !== name);
  return html`<bdi class="name">${name}</bdi>${others.map((detail) => html`<br><bdi class="detail">${detail}</bdi>`)}`;
}

/** An instant, which the page's script shows in the reader's time zone. */
export function timeHtml(at: EpochMs): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${instantText(at)}</time>`;
}
