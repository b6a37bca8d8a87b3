// The texts that people read, such as names: which characters one may have, and how one is shown that was stored with others.

/**
 * Characters that no reader sees, or that change the order in which others are shown: controls, half surrogate pairs, format characters
 * (bidi controls among them), and what Unicode says is not to be displayed. Source: Unicode Standard Annex 44.
 */
export const HIDDEN = '\\p{Cc}\\p{Cs}\\p{Cf}\\p{DI}\\p{Zl}\\p{Zp}';
/** A variation selector chooses a form of the character before it, such as the coloured heart or the form of a Japanese name. */
export const SELECTORS = '\\uFE00-\\uFE0F\\u{E0100}-\\u{E01EF}';
const SELECTOR = `[${SELECTORS}]?`;
/** Letters of the scripts that write with joiners (Arabic, Syriac, the scripts of India, Khmer, Mongolian, Burmese), and emoji. */
const JOINED =
  '[\\u0620-\\u06D3\\u06FA-\\u06FF\\u0710-\\u088F\\u08A0-\\u08E1\\u08E3-\\u0DFF\\u0F40-\\u109F\\u1780-\\u17B3\\u17B6-\\u17D3' +
  `\\u1820-\\u18AA\\p{ExtPict}\\p{EMod}]${SELECTOR}`;

/** The pattern of one character, or of several that joiners (U+200C, U+200D) connect. It looks neither ahead nor behind. */
export const PRINTABLE_UNIT = `${JOINED}(?:[\\u200C\\u200D]${JOINED})+|[^${HIDDEN}]${SELECTOR}`;

/** A text of which each character is seen. */
export const PRINTABLE = new RegExp(`^(?:${PRINTABLE_UNIT})*$`, 'u');

/** A text with a character that is seen. Unicode does not count the braille blank among its spaces. */
export const NOT_BLANK = new RegExp(`[^${HIDDEN}\\p{Zs}\\u2800]`, 'u');

const UNIT_OR_OTHER = new RegExp(`(${PRINTABLE_UNIT})|.`, 'gsu');

/**
 * A text as people may be shown it. Each character that is not printable is replaced with U+FFFD, so that no text reorders what stands
 * around it, or looks like another one.
 */
export function shownText(text: string): string {
  return text.replace(UNIT_OR_OTHER, (_, unit?: string) => unit ?? '\uFFFD');
}
