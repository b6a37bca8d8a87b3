import { shownText } from '../../shared/base/printable.ts';

/** Markup that is sent as it is. Only `html` and `trusted` make it. */
export interface Html {
  readonly markup: string;
}

type Part = Html | readonly Html[] | string | number | undefined;

/** The ampersand comes first, because the other replacements contain one. */
function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

function markupOf(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'object') return 'markup' in part ? part.markup : part.map(({ markup }) => markup).join('');
  return escapeText(shownText(String(part)));
}

/**
 * Inserts values into markup. Every value that is not markup itself is escaped, for text and for quoted attributes, and has no invisible
 * characters: an actor is stored as the backend gave it.
 */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { markup: String.raw({ raw: template }, ...parts.map(markupOf)) };
}

/** Marks a text of this product as markup, such as a stylesheet. It must not contain values from outside. */
export function trusted(text: string): Html {
  return { markup: text };
}
