import * as v from 'valibot';
import { HIDDEN, SELECTORS } from '../../shared/base/printable.ts';
import { classOf } from './plain-pattern.ts';

/** A joiner or a selector is hidden, but part of a printable text beside certain characters. The pattern does not say beside which. */
const hidden = classOf(new RegExp(`(?![\\u200C\\u200D${SELECTORS}])[${HIDDEN}]`, 'u'));
const blank = classOf(new RegExp(`[${HIDDEN}\\p{Zs}\\u2800]`, 'u'));

/** The text of a printable string, as a component of the document. */
export const printableText = v.pipe(
  v.string(),
  v.metadata({ pattern: `^[^${hidden}]*[^${blank}][^${hidden}]*$` }),
  v.description(
    'Has no control characters, no bidi controls and no other invisible characters, and is not blank. Joiners and variation ' +
      'selectors are accepted beside characters that take them.',
  ),
);
