const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;
const LAST_OF_FOUR_DIGITS = 0xffff;

function escaped(codePoint: number): string {
  return `\\u${codePoint.toString(16).padStart(4, '0')}`;
}

/**
 * The class of the characters that match a pattern, in the notation that every reader of OpenAPI knows (JSON Schema 2020-12, core, section
 * 6.4): without the properties of Unicode. That notation has nothing for characters beyond U+FFFF, so these do not belong to the class, nor
 * do half surrogate pairs, which some readers see in place of such a character.
 */
export function classOf(pattern: RegExp): string {
  const ranges: [first: number, last: number][] = [];
  for (let codePoint = 0; codePoint <= LAST_OF_FOUR_DIGITS; codePoint += 1) {
    const isSurrogate = codePoint >= FIRST_SURROGATE && codePoint <= LAST_SURROGATE;
    if (isSurrogate || !pattern.test(String.fromCodePoint(codePoint))) continue;
    const range = ranges.at(-1);
    if (range && range[1] === codePoint - 1) range[1] = codePoint;
    else ranges.push([codePoint, codePoint]);
  }
  return ranges.map(([first, last]) => `${escaped(first)}${last > first ? `-${escaped(last)}` : ''}`).join('');
}
